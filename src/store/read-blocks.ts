// Packet blocks of a segment at known places: neighbours are fetched in one read.
import { PacketKeyReader } from '../pcap/packet-key.ts';
import type { ReadAt } from './read-at.ts';

const WINDOW_BYTES = 256 * 1024;
const LEAST_WINDOW_BYTES = 16 * 1024;
/** A gap shorter than this is cheaper to read over than to seek past. */
const BRIDGED_GAP_BYTES = 16 * 1024;
/** What is read behind a block's beginning, its length being unknown before. */
const FIRST_GUESS_BYTES = 2048;
const ENHANCED_PACKET = 6;

export class BlockReader {
  readonly #readAt: ReadAt;
  #buffer = new ArrayBuffer(0);
  u8 = new Uint8Array(this.#buffer);
  u32 = new Uint32Array(this.#buffer);
  keys = new PacketKeyReader(this.#buffer);
  #start = 0;
  #end = 0;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
  }

  /**
   * Fetches the packet block at places[i] (units of 4 bytes).
   * @returns its offset in `u8`, or -1 where there is no whole packet block.
   */
  fetch(places: Uint32Array, i: number): number {
    const position = places[i] * 4;
    if (position < this.#start || position + 12 > this.#end) this.#read(position, this.#spanFrom(places, i));
    let at = position - this.#start;
    if (position + 12 > this.#end || this.u32[at >> 2] !== ENHANCED_PACKET) return -1;
    const length = this.u32[(at >> 2) + 1];
    if (length < 32 || length % 4 !== 0) return -1;
    if (position + length > this.#end) {
      this.#read(position, Math.max(length, this.#spanFrom(places, i)));
      at = position - this.#start;
      if (position + length > this.#end) return -1;
    }
    return this.u32[(at >> 2) + 5] <= length - 32 ? at : -1;
  }

  /** How much to read at once: up to the last place that is near enough. */
  #spanFrom(places: Uint32Array, i: number): number {
    const from = places[i] * 4;
    let last = from;
    for (let next = i + 1; next < places.length; next++) {
      const position = places[next] * 4;
      if (position < last || position - last > BRIDGED_GAP_BYTES || position - from > WINDOW_BYTES - FIRST_GUESS_BYTES)
        break;
      last = position;
    }
    return last - from + FIRST_GUESS_BYTES;
  }

  #read(position: number, bytes: number): void {
    if (bytes > this.#buffer.byteLength) {
      // most questions are answered out of a few packets: a window for all of them is not made before it is needed
      this.#buffer = new ArrayBuffer(
        bytes > LEAST_WINDOW_BYTES ? Math.max(WINDOW_BYTES, (bytes + 7) & ~7) : LEAST_WINDOW_BYTES,
      );
      this.u8 = new Uint8Array(this.#buffer);
      this.u32 = new Uint32Array(this.#buffer);
      this.keys = new PacketKeyReader(this.#buffer);
    }
    this.#start = position;
    this.#end = position;
    while (this.#end < position + bytes) {
      const got = this.#readAt(this.u8.subarray(this.#end - position, bytes), this.#end);
      if (got === 0) break;
      this.#end += got;
    }
  }
}
