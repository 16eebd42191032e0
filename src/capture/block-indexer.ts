// Adds the packets of a rewritten block to the index of the segment. A pass of its own behind the rewriting: each pass
// is short enough for the processor to work on several packets at once while it waits for memory.
import { PacketKeyReader } from '../pcap/packet-key.ts';
import type { FlowIndex } from '../store/flow-index.ts';
import { FlowMemo } from './flow-memo.ts';

const ETHERNET = 1;
const FRAME_AT = 28;

export class BlockIndexer {
  readonly #u32: Uint32Array;
  readonly #keys: PacketKeyReader;
  readonly #memo: FlowMemo;
  #index: FlowIndex | undefined;

  /** @param ring memory that the blocks lie in. */
  constructor(ring: ArrayBuffer) {
    this.#u32 = new Uint32Array(ring);
    this.#keys = new PacketKeyReader(ring);
    this.#memo = new FlowMemo(ring);
  }

  /**
   * Adds the packet blocks from `from` up to `to` in the ring; there must be room in the index.
   * @param fileOffset what to add to an offset in the ring to get the one in the segment.
   */
  add(index: FlowIndex, from: number, to: number, fileOffset: number): void {
    const u32 = this.#u32;
    const memo = this.#memo;
    if (index !== this.#index || index.packets === 0) {
      memo.clear();
      this.#index = index;
    }
    for (let at = from; at < to; ) {
      const word = at >> 2;
      const captured = u32[word + 5];
      const place = (at + fileOffset) / 4;
      const flow = memo.find(at + FRAME_AT, captured);
      if (flow >= 0) index.addToFlow(flow, u32[word + 3], u32[word + 4], place);
      else this.#addByKey(index, at, place);
      at += u32[word + 1];
    }
    if (memo.sawReverse) index.noteBothDirections();
  }

  #addByKey(index: FlowIndex, at: number, place: number): void {
    const keys = this.#keys;
    const high = this.#u32[(at >> 2) + 3];
    const low = this.#u32[(at >> 2) + 4];
    keys.read(at + FRAME_AT, this.#u32[(at >> 2) + 5], ETHERNET);
    const flow = index.add(keys.words, high, low, place);
    if (keys.count > 1) index.addInner(keys, high, low, place);
    else this.#memo.remember(flow);
  }
}
