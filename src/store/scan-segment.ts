// Reads a segment from its first block to the last whole one and indexes what it finds: for an index that is missing or
// damaged, and after a power cut.
import { randomInt } from 'node:crypto';
import { readSync } from 'node:fs';
import { MOST_KEYS } from '../pcap/packet-key.ts';
import { createFlowIndexMemory, FlowIndex } from './flow-index.ts';
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
 * @param fd to read from.
 * @param bytes the file's length.
 * @throws MssError `store` where even its header is damaged.
 */
export function scanSegment(fd: number, bytes: number): ScannedSegment {
  // a known seed would let a sender choose addresses that collide
  const seed = randomInt(2 ** 32);
  const page = new Uint8Array(SEGMENT_HEADER_BYTES);
  const linkTypes = parseSegmentHeader(page.subarray(0, readSync(fd, page, 0, page.length, 0)));
  for (let slotBits = 16; ; slotBits++) {
    const mostPackets = Math.ceil(bytes / LEAST_PACKET_BLOCK) + MOST_KEYS;
    const index = new FlowIndex(createFlowIndexMemory(slotBits, mostPackets));
    index.begin(seed);
    const validBytes = scanInto(index, fd, bytes, linkTypes);
    if (validBytes !== undefined) return { index, validBytes };
  }
}

/** Undefined where the index got full. */
function scanInto(index: FlowIndex, fd: number, bytes: number, linkTypes: readonly number[]): number | undefined {
  const walk = new SegmentWalk(fd, bytes);
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
