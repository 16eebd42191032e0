// A group file says of 64 neighbouring segments which may hold a flow or a host, so that a query opens only those.
//   header   magic, version, seed; then a slot for each segment: its number, size and time
//   pages    4 KiB of a Bloom filter, cut into rows of 64 bits, a bit for each segment: all that a query needs to know
//            about one key in 64 segments lies in one page
// Bits are only ever added: a page torn between two states is right for every segment that has its slot.
// All numbers little-endian.
import { crc32 } from 'node:zlib';
import { hashAddress, hashKey } from '../flow-hash.ts';
import type { IndexHeader } from '../index-format.ts';

/** Segments of a group. */
export const GROUP_SEGMENTS = 64;
export const GROUP_HEADER_BYTES = 8192;
export const GROUP_PAGE_BYTES = 4096;
const PAGE_BITS = 9;
export const GROUP_PAGES = 2 ** PAGE_BITS;
export const GROUP_FILE_BYTES = GROUP_HEADER_BYTES + GROUP_PAGES * GROUP_PAGE_BYTES;

const MAGIC = 0x50474d4d; // "MMGP"
const VERSION = 2;
const SLOT_BYTES = 64;
const SLOTS_AT = 64;
const SEALED_AT = 32;
/** behind a page's checksum and four unused bytes */
const ROWS_AT = 8;
const ROWS = (GROUP_PAGE_BYTES - ROWS_AT) / 8;
/**
 * Rows a key has in its page: at 20,000 keys a segment 0.6 % of the segments are opened for nothing. They are other rows
 * for each segment: whoever shares them with a host that is busy all the time would else have it in every segment.
 */
const ROW_FACTORS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];
/** A page never written is valid, and says that no segment holds anything. */
const CRC_OF_NOTHING = crc32(new Uint8Array(GROUP_PAGE_BYTES - ROWS_AT));

/** What a group knows of a segment. */
export type GroupSlot = Pick<IndexHeader, 'packets' | 'firstNs' | 'lastNs' | 'segmentBytes'> & {
  number: number;
  /** the segment is encrypted: what it holds is not in the filter, which everyone can read */
  sealed: boolean;
};

/** Number of a segment's group. */
export function groupOf(segment: number): number {
  return Math.floor(segment / GROUP_SEGMENTS);
}

/** A header without segments. @param seed makes it hard for a sender to choose keys that fill the filter. */
export function emptyGroupHeader(seed: number): Uint8Array {
  const header = new Uint8Array(GROUP_HEADER_BYTES);
  const view = new DataView(header.buffer);
  for (const [i, value] of [MAGIC, VERSION, seed].entries()) view.setUint32(i * 4, value, true);
  view.setUint32(SLOTS_AT - 4, crc32(header.subarray(0, SLOTS_AT - 4)), true);
  return header;
}

/** The filter's seed, or undefined where this is no header of ours. */
export function readGroupSeed(header: Uint8Array): number | undefined {
  if (header.length < GROUP_HEADER_BYTES) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) return undefined;
  if (view.getUint32(SLOTS_AT - 4, true) !== crc32(header.subarray(0, SLOTS_AT - 4))) return undefined;
  return view.getUint32(8, true);
}

/** Where a segment's slot lies in the file. */
export function slotOffset(segment: number): number {
  return SLOTS_AT + (segment % GROUP_SEGMENTS) * SLOT_BYTES;
}

/** The bytes of a slot. */
export function renderSlot(slot: GroupSlot): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, slot.number, true);
  view.setUint32(4, slot.packets, true);
  view.setBigUint64(8, slot.firstNs, true);
  view.setBigUint64(16, slot.lastNs, true);
  view.setBigUint64(24, BigInt(slot.segmentBytes), true);
  view.setUint32(SEALED_AT, slot.sealed ? 1 : 0, true);
  view.setUint32(SLOT_BYTES - 4, crc32(bytes.subarray(0, SLOT_BYTES - 4)), true);
  return bytes;
}

/** What the header says of a segment; undefined where it does not know it, or the slot is torn. */
export function readSlot(header: Uint8Array, segment: number): GroupSlot | undefined {
  const at = slotOffset(segment);
  const bytes = header.subarray(at, at + SLOT_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, SLOT_BYTES);
  if (view.getUint32(0, true) !== segment) return undefined;
  if (view.getUint32(SLOT_BYTES - 4, true) !== crc32(bytes.subarray(0, SLOT_BYTES - 4))) return undefined;
  return {
    number: segment,
    packets: view.getUint32(4, true),
    firstNs: view.getBigUint64(8, true),
    lastNs: view.getBigUint64(16, true),
    segmentBytes: Number(view.getBigUint64(24, true)),
    sealed: view.getUint32(SEALED_AT, true) === 1,
  };
}

/** Whether any of the group's segments may be encrypted. */
export function hasSealed(header: Uint8Array): boolean {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  for (let i = 0; i < GROUP_SEGMENTS; i++) if (view.getUint32(slotOffset(i) + SEALED_AT, true) !== 0) return true;
  return false;
}

/** Where a page lies in the file. */
export function pageOffset(page: number): number {
  return GROUP_HEADER_BYTES + page * GROUP_PAGE_BYTES;
}

/** Whether a page is as it was written. */
export function isPageWhole(page: Uint8Array): boolean {
  const stored = new DataView(page.buffer, page.byteOffset, 4).getUint32(0, true);
  return (crc32(page.subarray(ROWS_AT)) ^ CRC_OF_NOTHING) >>> 0 === stored;
}

/** Writes a page's checksum. */
export function sealPage(page: Uint8Array): void {
  const sum = (crc32(page.subarray(ROWS_AT)) ^ CRC_OF_NOTHING) >>> 0;
  new DataView(page.buffer, page.byteOffset, 4).setUint32(0, sum, true);
}

/** Where a key's bits lie: the number of its page, and what its rows in there are computed from. */
export interface GroupKey {
  page: number;
  rows: number;
}

/** The filter's key of a flow (both directions alike); writes the hash words of `key`. */
export function flowGroupKey(key: Uint32Array, at: number, seed: number): GroupKey {
  hashKey(key, at, seed);
  return { page: key[at] >>> (32 - PAGE_BITS), rows: key[at + 1] };
}

/** The filter's key of an address. */
export function hostGroupKey(words: Uint32Array, at: number, seed: number): GroupKey {
  return { page: hashAddress(words, at, seed) >>> (32 - PAGE_BITS), rows: hashAddress(words, at, ~seed) };
}

/** Adds a key for one segment. @param page32 the page as 32-bit words */
export function addToPage(page32: Uint32Array, { rows }: GroupKey, segment: number): void {
  const column = segment % GROUP_SEGMENTS;
  const mixed = mixColumn(rows, column);
  for (const factor of ROW_FACTORS) page32[rowWord(mixed, factor) + (column >>> 5)] |= 1 << (column & 31);
}

/** Which segments may hold a key: low and high half of 64 bits. */
export function testPage(page32: Uint32Array, { rows }: GroupKey): [low: number, high: number] {
  const found: [number, number] = [0, 0];
  for (let column = 0; column < GROUP_SEGMENTS; column++) {
    const mixed = mixColumn(rows, column);
    const half = column >>> 5;
    let bit = 1 << (column & 31);
    for (let i = 0; i < ROW_FACTORS.length && bit !== 0; i++) bit &= page32[rowWord(mixed, ROW_FACTORS[i]) + half];
    found[half] |= bit;
  }
  return found;
}

/** Two keys that meet in one column must not meet in the others: so it is more than an addition. */
function mixColumn(rows: number, column: number): number {
  const mixed = Math.imul(rows ^ Math.imul(column + 1, ROW_FACTORS[0]), ROW_FACTORS[1]);
  return mixed ^ (mixed >>> 15);
}

function rowWord(mixed: number, factor: number): number {
  const hash = Math.imul(mixed, factor);
  return ROWS_AT / 4 + ((((hash ^ (hash >>> 15)) & 0xffff) * ROWS) >>> 16) * 2;
}
