// Reads a segment from its first block to the last whole one and indexes what it finds: for an index that is missing or
// damaged, and after a power cut.
import { randomInt } from 'node:crypto';
import { MOST_KEYS } from '../pcap/packet-key.ts';
import { createFlowIndexMemory, FlowIndex } from './flow-index.ts';
import type { ReadAt } from './read-at.ts';
import { SegmentWalk } from './read-segment.ts';
import { parseSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';

const LEAST_PACKET_BLOCK = 32;

export interface ScannedSegment {
  index: FlowIndex;
  /** up to here all is whole blocks; what follows is torn */
  validBytes: number;
}

/**
 * Indexes a segment of ours.
 * @param readAt reads the plain bytes.
 * @param bytes how many there are.
 * @throws MssError `store` where even its header is damaged.
 */
export function scanSegment(readAt: ReadAt, bytes: number): ScannedSegment {
  // a known seed would let a sender choose addresses that collide
  const seed = randomInt(2 ** 32);
  const page = new Uint8Array(SEGMENT_HEADER_BYTES);
  const linkTypes = parseSegmentHeader(page.subarray(0, readAt(page, 0)));
  for (let slotBits = 16; ; slotBits++) {
    const mostPackets = Math.ceil(bytes / LEAST_PACKET_BLOCK) + MOST_KEYS;
    const index = new FlowIndex(createFlowIndexMemory(slotBits, mostPackets));
    index.begin(seed);
    const validBytes = scanInto(index, readAt, bytes, linkTypes);
    if (validBytes !== undefined) return { index, validBytes };
  }
}

/** Undefined where the index got full. */
function scanInto(index: FlowIndex, readAt: ReadAt, bytes: number, linkTypes: readonly number[]): number | undefined {
  const walk = new SegmentWalk(readAt, bytes);
  while (walk.next()) {
    if (index.room < MOST_KEYS) return undefined;
    const { at, keys, u32 } = walk;
    const word = at >> 2;
    keys.read(at + 28, u32[word + 5], linkTypes[u32[word + 2]] ?? -1);
    index.add(keys.words, u32[word + 3], u32[word + 4], walk.position / 4);
    if (keys.count > 1) index.addInner(keys, u32[word + 3], u32[word + 4], walk.position / 4);
  }
  return walk.validBytes;
}
