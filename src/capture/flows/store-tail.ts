// Follows a store while it is being written: each packet once, soon after it is on disk. Costs the capture thread
// nothing; a reader that cannot keep up skips whole segments and counts them.
import { existsSync } from 'node:fs';
import { MssError } from '../../errors.ts';
import type { PacketKeyReader } from '../../pcap/packet-key.ts';
import { type OpenedSegment, openSegment } from '../../store/open-segment.ts';
import { SegmentWalk } from '../../store/read-segment.ts';
import type { PacketKey } from '../../store/sealed/packet-keys.ts';
import { listNames, type SegmentName } from '../../store/segment-names.ts';

/** More unread segments than this: the oldest of them are passed over. */
const MOST_BEHIND = 8;
/** Read in one go; then whoever waits for the thread has his turn. */
const MOST_TURN_BYTES = 16 * 1024 * 1024;

export type PacketListener = (keys: PacketKeyReader, lengthBytes: number, timeUs: number) => void;

export class StoreTail {
  skippedSegments = 0;
  readonly #dir: string;
  readonly #keys: readonly PacketKey[];
  readonly #onPacket: PacketListener;
  /** of the segment read last */
  #number = -1;
  #current: { segment: SegmentName; opened: OpenedSegment; position: number } | undefined;

  /** Begins behind what is stored already. @param keys for encrypted segments */
  constructor(dir: string, onPacket: PacketListener, keys: readonly PacketKey[] = []) {
    this.#dir = dir;
    this.#keys = keys;
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
    this.#current?.opened.close();
    this.#current = undefined;
  }

  #open(segment: SegmentName): void {
    this.#number = segment.number; // also of one that was pruned meanwhile: the next is taken then
    try {
      this.#current = { segment, opened: openSegment(segment, this.#keys), position: 0 };
    } catch (error) {
      // encrypted by another writer, whose packets were reported by itself
      if (!(error instanceof MssError && error.code === 'locked')) throw error;
    }
  }

  /** True where the turn's bytes were used up. */
  #read(onPacket: PacketListener, mostBytes: number): boolean {
    const current = this.#current!;
    const walk = new SegmentWalk(current.opened.readAt, current.opened.measure(), current.position || undefined);
    const from = walk.position;
    while (walk.next()) {
      const { at, u32, keys } = walk;
      const word = at >> 2;
      keys.read(at + 28, u32[word + 5], current.opened.linkTypes[u32[word + 2]] ?? -1);
      const timeUs = Math.floor((u32[word + 3] * 4294967296 + u32[word + 4]) / 1000);
      onPacket(keys, u32[word + 6], timeUs);
      // behind the last packet, and not behind the padding: what is gathered is written over it
      current.position = walk.position + u32[word + 1];
      if (current.position - from >= mostBytes) return true;
    }
    return false;
  }
}
