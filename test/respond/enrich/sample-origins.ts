// Databases of a few ranges, made as the release's are.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../../src/net/address.ts';
import { AddressTree } from '../../../tools/release/origins/address-tree.ts';
import { parseAsList } from '../../../tools/release/origins/parse-as-list.ts';
import { renderMmdb } from '../../../tools/release/origins/render-mmdb.ts';

const MADE_MS = Date.UTC(2026, 5, 1);

export const AS_LINES = [
  '9.9.9.0,9.9.9.255,19281,"Quad9, ""the"" resolver"',
  '11.0.0.5,11.0.1.2,64500,Example Ltd',
  '2620:fe::,2620:fe::ffff,19281,"Quad9, ""the"" resolver"',
];

export function asDatabase(lines: readonly string[] = AS_LINES): Buffer {
  const { tree, records } = parseAsList(lines);
  return renderMmdb(tree, records, 'ASN', MADE_MS);
}

function countryDatabase(): Buffer {
  const tree = new AddressTree();
  tree.fill(parseAddress('9.0.0.0'), parseAddress('9.255.255.255'), 0);
  return renderMmdb(tree, [{ country_code: 'US' }], 'country', MADE_MS);
}

/** Writes both into a folder. */
export function writeSampleOrigins(dir: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'asn.mmdb'), asDatabase());
  writeFileSync(join(dir, 'country.mmdb'), countryDatabase());
}
