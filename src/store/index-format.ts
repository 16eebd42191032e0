// The index file beside each segment: a header, a checksum for each page, then pages of 4 KiB:
//   flow records   sorted by hash: the key's words from the third on, where words 2 to 4 are packets, postings, times; the
//                  hash itself is computed again as it is needed; first those with IPv4 addresses in 32 bytes, then all
//                  others in 56
//   hosts          8 bytes each, sorted: hash of an address, where its list of flows begins
//   host lists     for each host its flows' record numbers, as varint differences
//   postings       for each flow the places of its packets (units of 4 bytes), as varint differences
// All numbers little-endian. A reader checks each page that it touches and no other.
import { crc32 } from 'node:zlib';
import { MssError } from '../errors.ts';

export const PAGE_BYTES = 4096;
export const INDEX_VERSION = 4;
const MAGIC = 0x58494d4d; // "MMIX"
const HEADER_BYTES = 128;
/** of a record without the hash, and without the words that all IPv4 addresses have in common */
export const SHORT_RECORD_WORDS = 8;
export const SHORT_RECORDS_A_PAGE = Math.floor(PAGE_BYTES / 4 / SHORT_RECORD_WORDS);
/** of a record without the hash */
export const LONG_RECORD_WORDS = 14;
export const LONG_RECORDS_A_PAGE = Math.floor(PAGE_BYTES / 4 / LONG_RECORD_WORDS);

export interface IndexHeader {
  flows: number;
  /** how many of them, the first ones, are short records */
  shortFlows: number;
  packets: number;
  hosts: number;
  seed: number;
  /** whether the packets lie in the segment in order of time */
  ordered: boolean;
  /** time of the earliest and latest packet */
  firstNs: bigint;
  lastNs: bigint;
  /** length of the segment that was indexed */
  segmentBytes: number;
  /** where sections begin, from the start of the file, each on a page */
  flowsAt: number;
  longFlowsAt: number;
  hostsAt: number;
  hostListsAt: number;
  hostListBytes: number;
  postingsAt: number;
  postingsBytes: number;
  fileBytes: number;
}

/** Where everything lies in an index of these sizes. */
export function layIndex(
  sizes: Pick<
    IndexHeader,
    'flows' | 'shortFlows' | 'packets' | 'hosts' | 'seed' | 'ordered' | 'firstNs' | 'lastNs' | 'segmentBytes'
  >,
  hostListBytes: number,
  postingsBytes: number,
): IndexHeader {
  const pages = (bytes: number) => Math.ceil(bytes / PAGE_BYTES);
  const shortPages = Math.ceil(sizes.shortFlows / SHORT_RECORDS_A_PAGE);
  const longPages = Math.ceil((sizes.flows - sizes.shortFlows) / LONG_RECORDS_A_PAGE);
  const body = shortPages + longPages + pages(sizes.hosts * 8) + pages(hostListBytes) + pages(postingsBytes);
  const flowsAt = pages(HEADER_BYTES + body * 4) * PAGE_BYTES;
  const longFlowsAt = flowsAt + shortPages * PAGE_BYTES;
  const hostsAt = longFlowsAt + longPages * PAGE_BYTES;
  const hostListsAt = hostsAt + pages(sizes.hosts * 8) * PAGE_BYTES;
  const postingsAt = hostListsAt + pages(hostListBytes) * PAGE_BYTES;
  const fileBytes = flowsAt + body * PAGE_BYTES;
  return { ...sizes, flowsAt, longFlowsAt, hostsAt, hostListsAt, hostListBytes, postingsAt, postingsBytes, fileBytes };
}

/** Writes header and page checksums into an index whose pages are already in place. */
export function sealIndex(file: Uint8Array, header: IndexHeader): void {
  const view = new DataView(file.buffer, file.byteOffset, header.flowsAt);
  const numbers = [
    MAGIC,
    INDEX_VERSION,
    header.flows,
    header.packets,
    header.hosts,
    header.seed,
    Number(header.ordered),
  ];
  for (const [i, value] of numbers.entries()) view.setUint32(i * 4, value, true);
  view.setBigUint64(32, header.firstNs, true);
  view.setBigUint64(40, header.lastNs, true);
  const lengths = [
    header.segmentBytes,
    header.flowsAt,
    header.hostsAt,
    header.hostListsAt,
    header.postingsAt,
    header.postingsBytes,
    header.fileBytes,
    header.hostListBytes,
  ];
  for (const [i, value] of lengths.entries()) view.setBigUint64(48 + i * 8, BigInt(value), true);
  view.setUint32(112, header.shortFlows, true);
  for (let at = header.flowsAt, i = 0; at < header.fileBytes; at += PAGE_BYTES, i++) {
    view.setUint32(HEADER_BYTES + i * 4, crc32(file.subarray(at, at + PAGE_BYTES)), true);
  }
  view.setUint32(28, 0, true);
  view.setUint32(28, crc32(file.subarray(0, header.flowsAt)), true);
}

/** How many bytes of the file hold header and checksums; undefined where its first bytes are not an index of ours. */
export function indexHeadBytes(start: Uint8Array): number | undefined {
  if (start.length < HEADER_BYTES) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== INDEX_VERSION) return undefined;
  const flowsAt = Number(view.getBigUint64(56, true));
  return flowsAt % PAGE_BYTES === 0 && flowsAt <= 64 * 1024 * 1024 ? flowsAt : undefined;
}

/**
 * Reads header and page checksums.
 * @param head the file's first indexHeadBytes() bytes.
 * @throws MssError `store` where the header is damaged.
 */
export function parseIndexHead(head: Uint8Array): { header: IndexHeader; checksums: Uint32Array } {
  const copy = head.slice();
  const view = new DataView(copy.buffer);
  const stored = view.getUint32(28, true);
  view.setUint32(28, 0, true);
  if (crc32(copy) !== stored) throw new MssError('store', 'the index header is damaged');
  const length = (i: number) => Number(view.getBigUint64(48 + i * 8, true));
  const shortFlows = view.getUint32(112, true);
  const header: IndexHeader = {
    flows: view.getUint32(8, true),
    shortFlows,
    packets: view.getUint32(12, true),
    hosts: view.getUint32(16, true),
    seed: view.getUint32(20, true),
    ordered: view.getUint32(24, true) !== 0,
    firstNs: view.getBigUint64(32, true),
    lastNs: view.getBigUint64(40, true),
    segmentBytes: length(0),
    flowsAt: length(1),
    longFlowsAt: length(1) + Math.ceil(shortFlows / SHORT_RECORDS_A_PAGE) * PAGE_BYTES,
    hostsAt: length(2),
    hostListsAt: length(3),
    postingsAt: length(4),
    postingsBytes: length(5),
    fileBytes: length(6),
    hostListBytes: length(7),
  };
  return {
    header,
    checksums: new Uint32Array(copy.buffer, HEADER_BYTES, (header.fileBytes - header.flowsAt) / PAGE_BYTES),
  };
}
