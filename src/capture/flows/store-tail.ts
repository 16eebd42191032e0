// Follows a store while it is being written: each packet once, soon after it is on disk. Costs the capture thread
// nothing; a reader that cannot keep up skips whole segments and counts them.
import { closeSync, existsSync, fstatSync } from 'node:fs';
import type { PacketKeyReader } from '../../pcap/packet-key.ts';
import { openSegment } from '../../store/open-segment.ts';
import { SegmentWalk } from '../../store/read-segment.ts';
import { listNames, type SegmentName } from '../../store/segment-names.ts';

/** More unread segments than this: the oldest of them are passed over. */
const MOST_BEHIND = 8;
/** Read in one go; then whoever waits for the thread has his turn. */
const MOST_TURN_BYTES = 16 * 1024 * 1024;

export type PacketListener = (keys: PacketKeyReader, lengthBytes: number, timeUs: number) => void;

export class StoreTail {
  skippedSegments = 0;
  readonly #dir: string;
  readonly #onPacket: PacketListener;
  /** of the segment read last */
  #number = -1;
  #current: { segment: SegmentName; fd: number; linkTypes: number[]; position: number } | undefined;

  /** Begins behind what is stored already. */
  constructor(dir: string, onPacket: PacketListener) {
    this.#dir = dir;
    this.#onPacket = onPacket;
    const last = listNames(dir).segments.at(-1);
    if (last === undefined) return;
    this.#open(last);
    if (this.#current !== undefined) this.#read(() => {}, Number.POSITIVE_INFINITY);
  }

  /** Reads on. @returns whether there is more to read at once. Throws what node:fs throws, and `store`. */
  poll(): boolean {
    if (this.#current !== undefined) {
      // asked before reading: what was complete then is read to its end now
      const { segment } = this.#current;
      const isComplete = !segment.open || !existsSync(segment.path);
      if (this.#read(this.#onPacket, MOST_TURN_BYTES)) return true;
      if (!isComplete) return false;
    }
    const newer = listNames(this.#dir).segments.filter(({ number }) => number > this.#number);
    if (newer.length === 0) return false;
    const skipped = Math.max(0, newer.length - MOST_BEHIND);
    this.skippedSegments += skipped;
    this.close();
    this.#open(newer[skipped]);
    return true;
  }

  close(): void {
    if (this.#current !== undefined) closeSync(this.#current.fd);
    this.#current = undefined;
  }

  #open(segment: SegmentName): void {
    this.#number = segment.number; // also of one that was pruned meanwhile: the next is taken then
    const { fd, linkTypes, index } = openSegment(segment);
    index?.close();
    this.#current = { segment, fd, linkTypes, position: 0 };
  }

  /** True where the turn's bytes were used up. */
  #read(onPacket: PacketListener, mostBytes: number): boolean {
    const current = this.#current!;
    const walk = new SegmentWalk(current.fd, fstatSync(current.fd).size, current.position || undefined);
    const from = walk.position;
    while (walk.next()) {
      const { at, u32, keys } = walk;
      const word = at >> 2;
      keys.read(at + 28, u32[word + 5], current.linkTypes[u32[word + 2]] ?? -1);
      const timeUs = Math.floor((u32[word + 3] * 4294967296 + u32[word + 4]) / 1000);
      onPacket(keys, u32[word + 6], timeUs);
      // behind the last packet, and not behind the padding: what is gathered is written over it
      current.position = walk.position + u32[word + 1];
      if (current.position - from >= mostBytes) return true;
    }
    return false;
  }
}
