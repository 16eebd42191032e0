// Reads a segment from its first block to the last whole one and indexes what it finds: for the open segment, for an
// index that is missing or damaged, and after a power cut.
import { randomInt } from 'node:crypto';
import { readSync } from 'node:fs';
import { PacketKeyReader } from '../pcap/packet-key.ts';
import { createFlowIndexMemory, FlowIndex } from './flow-index.ts';
import { parseSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';

const CHUNK_BYTES = 1024 * 1024;
const ENHANCED_PACKET = 6;
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
  for (let slotBits = 16; ; slotBits++) {
    const mostPackets = Math.ceil(bytes / LEAST_PACKET_BLOCK) + 1;
    const index = new FlowIndex(createFlowIndexMemory(slotBits, mostPackets));
    index.begin(seed);
    const validBytes = scanInto(index, fd, bytes);
    if (validBytes !== undefined) return { index, validBytes };
  }
}

/** Undefined where the index got full. */
function scanInto(index: FlowIndex, fd: number, bytes: number): number | undefined {
  let chunk = new Chunk(CHUNK_BYTES);
  let position = 0; // of the chunk's first byte
  let filled = chunk.fill(fd, 0, 0, bytes);
  const linkTypes = parseSegmentHeader(chunk.u8.subarray(0, Math.min(filled, SEGMENT_HEADER_BYTES)));
  let at = SEGMENT_HEADER_BYTES;
  for (;;) {
    if (at + 12 > filled || at + chunk.u32[(at + 4) >> 2] > filled) {
      // the block goes on behind the chunk: move it to the front and read on
      const wanted = at + 12 > filled ? 12 : chunk.u32[(at + 4) >> 2];
      const start = position + at;
      if (start + wanted > bytes || wanted < 12) return start;
      if (wanted > chunk.u8.length) chunk = new Chunk((wanted + 7) & ~7);
      position = start;
      filled = chunk.fill(fd, 0, position, bytes);
      if (filled < wanted) return start;
      at = 0;
      continue;
    }
    const { u32 } = chunk;
    const word = at >> 2;
    const length = u32[word + 1];
    if (length < 12 || length % 4 !== 0 || u32[(at + length - 4) >> 2] !== length) return position + at;
    if (u32[word] === ENHANCED_PACKET && length >= LEAST_PACKET_BLOCK && u32[word + 5] <= length - LEAST_PACKET_BLOCK) {
      if (index.room <= 0) return undefined;
      chunk.keys.read(at + 28, u32[word + 5], linkTypes[u32[word + 2]] ?? -1);
      index.add(chunk.keys.words, u32[word + 3], u32[word + 4], (position + at) / 4);
    }
    at += length;
  }
}

class Chunk {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly keys: PacketKeyReader;

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(bytes);
    this.u8 = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.keys = new PacketKeyReader(buffer);
  }

  /** Reads from `position` of the file to offset `at` here; returns how far the chunk is filled. */
  fill(fd: number, at: number, position: number, end: number): number {
    let filled = at;
    while (filled < this.u8.length && position + filled - at < end) {
      const wanted = Math.min(this.u8.length - filled, end - (position + filled - at));
      const got = readSync(fd, this.u8, filled, wanted, position + filled - at);
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }
}
