// A segment's packet blocks one behind the other, for what has no index to go by: chunks are read ahead, nothing kept.
import { PacketKeyReader } from '../pcap/packet-key.ts';
import type { ReadAt } from './read-at.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';

const CHUNK_BYTES = 1024 * 1024;
const ENHANCED_PACKET = 6;
const LEAST_PACKET_BLOCK = 32;

export class SegmentWalk {
  /** the chunk that the current block lies in, and a reader of keys there */
  u8 = new Uint8Array(0);
  u32 = new Uint32Array(0);
  keys = new PacketKeyReader(new ArrayBuffer(0));
  /** offset of the current packet block in the chunk, and in the segment */
  at = 0;
  position: number;
  readonly #readAt: ReadAt;
  readonly #bytes: number;
  #start: number;
  #filled = 0;
  #next: number;

  /**
   * @param bytes how much of the file to read
   * @param from where a block begins
   */
  constructor(readAt: ReadAt, bytes: number, from = SEGMENT_HEADER_BYTES) {
    this.#readAt = readAt;
    this.#bytes = bytes;
    this.position = this.#start = this.#next = from;
    this.#allocate(CHUNK_BYTES);
  }

  /** Up to here all is whole blocks; what follows is torn. */
  get validBytes(): number {
    return this.#next;
  }

  /** Steps to the next packet block; false at the end, or where no whole block follows. */
  next(): boolean {
    for (;;) {
      const start = this.#next;
      if (!this.#have(start, 12)) return false;
      const length = this.u32[((start - this.#start) >> 2) + 1];
      if (length < 12 || length % 4 !== 0 || !this.#have(start, length)) return false;
      const { u32 } = this;
      this.at = start - this.#start;
      const word = this.at >> 2;
      if (u32[(this.at + length - 4) >> 2] !== length) return false;
      this.position = start;
      this.#next = start + length;
      if (u32[word] === ENHANCED_PACKET && length >= LEAST_PACKET_BLOCK && u32[word + 5] <= length - LEAST_PACKET_BLOCK)
        return true;
    }
  }

  #have(position: number, count: number): boolean {
    if (position + count <= this.#start + this.#filled) return true;
    if (position + count > this.#bytes) return false;
    if (count > this.u8.length) this.#allocate((count + 7) & ~7);
    this.#start = position;
    this.#filled = 0;
    const wanted = Math.min(this.u8.length, this.#bytes - position);
    while (this.#filled < wanted) {
      const got = this.#readAt(this.u8.subarray(this.#filled, wanted), position + this.#filled);
      if (got === 0) break;
      this.#filled += got;
    }
    return count <= this.#filled;
  }

  #allocate(bytes: number): void {
    const buffer = new ArrayBuffer(bytes);
    this.u8 = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.keys = new PacketKeyReader(buffer);
  }
}
