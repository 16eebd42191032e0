// An AddressTree and its records as a MaxMind DB file (.mmdb, format 2.0): the format that GeoLite2 and most other
// databases of this kind come in, so that theirs can take the place of ours.
// https://maxmind.github.io/MaxMind-DB/
import type { AddressTree } from './address-tree.ts';

const TYPE = { text: 2, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11 } as const;
const SEPARATOR = Buffer.alloc(16);
const METADATA_MARK = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const RECORD_BITS = 32;

type Value =
  | string
  | number
  | { [name: string]: Value }
  | { uint16: number }
  | { uint64: number }
  | { array: string[] };

/**
 * @param records what the values of the tree stand for: texts and numbers below 2^32
 * @param madeMs when the ranges were gathered
 */
export function renderMmdb(
  tree: AddressTree,
  records: readonly Record<string, string | number>[],
  databaseType: string,
  madeMs: number,
): Buffer {
  const offsets: number[] = [];
  const encoded: Buffer[] = [];
  let length = 0;
  for (const record of records) {
    const bytes = encodeMap(record);
    offsets.push(length);
    encoded.push(bytes);
    length += bytes.length;
  }
  const metadata = encodeMap({
    binary_format_major_version: { uint16: 2 },
    binary_format_minor_version: { uint16: 0 },
    build_epoch: { uint64: Math.floor(madeMs / 1000) },
    database_type: databaseType,
    description: {},
    ip_version: { uint16: 6 },
    languages: { array: [] },
    node_count: tree.nodes,
    record_size: { uint16: RECORD_BITS },
  });
  return Buffer.concat([renderTree(tree, offsets), SEPARATOR, ...encoded, METADATA_MARK, metadata]);
}

function renderTree(tree: AddressTree, offsets: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(tree.nodes * 8);
  for (let node = 0; node < tree.nodes; node++) {
    for (const bit of [0, 1] as const) {
      const child = tree.child(node, bit);
      const said = child > 0 ? child : child === 0 ? tree.nodes : tree.nodes + SEPARATOR.length + offsets[-child - 1];
      bytes.writeUInt32BE(said, node * 8 + bit * 4);
    }
  }
  return bytes;
}

function encodeMap(record: Record<string, Value>): Buffer {
  const entries = Object.entries(record);
  return Buffer.concat([
    control(TYPE.map, entries.length),
    ...entries.flatMap(([name, value]) => [encode(name), encode(value)]),
  ]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([control(TYPE.text, text.length), text]);
  }
  if (typeof value === 'number') return encodeNumber(TYPE.uint32, value);
  if ('uint16' in value) return encodeNumber(TYPE.uint16, value.uint16 as number);
  if ('uint64' in value) return encodeNumber(TYPE.uint64, value.uint64 as number);
  if ('array' in value) {
    const items = value.array as string[];
    return Buffer.concat([control(TYPE.array, items.length), ...items.map(encode)]);
  }
  return encodeMap(value);
}

/** Without the zero bytes in front, as the format wants it. */
function encodeNumber(type: number, value: number): Buffer {
  const hex = value === 0 ? '' : value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([control(type, bytes.length), bytes]);
}

/** The control byte of a field, with the further bytes of types above 7 and lengths from 29 on. */
function control(type: number, length: number): Buffer {
  const further = type > 7 ? [type - 7] : [];
  const shown = type > 7 ? 0 : type << 5;
  if (length < 29) return Buffer.from([shown | length, ...further]);
  if (length < 285) return Buffer.from([shown | 29, ...further, length - 29]);
  return Buffer.from([shown | 30, ...further, (length - 285) >> 8, (length - 285) & 0xff]);
}
