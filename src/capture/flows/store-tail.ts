// Follows a store while it is being written, by one worker or several: each packet once, soon after it is on disk, and
// what is there in order of time. Costs the capture threads nothing; a reader that cannot keep up skips whole segments
// and counts them.
import { existsSync } from 'node:fs';
import { MssError } from '../../errors.ts';
import type { PacketKeyReader } from '../../pcap/packet-key.ts';
import { hasBegun, type OpenedSegment, openSegment } from '../../store/open-segment.ts';
import { SegmentWalk } from '../../store/read-segment.ts';
import type { PacketKey } from '../../store/sealed/packet-keys.ts';
import { completed, listNames, type SegmentName } from '../../store/segment-names.ts';

/** More complete segments to be read than this: the oldest of them are passed over. */
const MOST_BEHIND = 8;
/** Read in one go; then whoever waits for the thread has his turn. */
const MOST_TURN_BYTES = 16 * 1024 * 1024;

export type PacketListener = (keys: PacketKeyReader, lengthBytes: number, timeUs: number) => void;

/** A segment that is not yet read to its end. */
interface Followed {
  segment: SegmentName;
  /** undefined until its writer has begun it */
  opened?: OpenedSegment;
  /** behind the last packet that was read */
  position: number;
}

export class StoreTail {
  skippedSegments = 0;
  readonly #dir: string;
  readonly #keys: readonly PacketKey[];
  readonly #onPacket: PacketListener;
  /** the highest number seen so far */
  #newest = -1;
  #followed: Followed[] = [];

  /** Begins behind what is stored already. @param keys for encrypted segments */
  constructor(dir: string, onPacket: PacketListener, keys: readonly PacketKey[] = []) {
    this.#dir = dir;
    this.#keys = keys;
    this.#onPacket = onPacket;
    const { segments } = listNames(dir);
    this.#newest = segments.at(-1)?.number ?? -1;
    this.#follow(segments.filter(({ open }) => open));
    this.#read(() => {}, Number.POSITIVE_INFINITY);
  }

  /** Reads on. @returns whether there is more to read at once. Throws what node:fs throws, and `store`. */
  poll(): boolean {
    // asked before reading: what was complete then is read to its end now
    const complete = this.#followed.filter(({ segment }) => !segment.open || !existsSync(segment.path));
    if (this.#read(this.#onPacket, MOST_TURN_BYTES)) return true;
    for (const { opened } of complete) opened?.close();
    this.#followed = this.#followed.filter((one) => !complete.includes(one));
    const newer = listNames(this.#dir).segments.filter(({ number }) => number > this.#newest);
    const behind = newer.filter(({ open }) => !open);
    const skipped = new Set(behind.slice(0, Math.max(0, behind.length - MOST_BEHIND)));
    this.skippedSegments += skipped.size;
    this.#newest = newer.at(-1)?.number ?? this.#newest;
    this.#follow(newer.filter((segment) => !skipped.has(segment)));
    return newer.length > 0;
  }

  close(): void {
    for (const { opened } of this.#followed) opened?.close();
    this.#followed = [];
  }

  #follow(segments: readonly SegmentName[]): void {
    for (const segment of segments) this.#followed.push({ segment, position: 0 });
  }

  /** Undefined while it has not begun, and where it was pruned or is another writer's, who has reported its packets. */
  #open(segment: SegmentName): OpenedSegment | undefined {
    if (!hasBegun(segment)) return undefined;
    try {
      return openSegment(segment, this.#keys);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return segment.open ? this.#open(completed(segment)) : undefined;
      }
      if (error instanceof MssError && error.code === 'locked') return undefined;
      throw error;
    }
  }

  /** True where the turn's bytes were used up. */
  #read(onPacket: PacketListener, mostBytes: number): boolean {
    const walks = this.#followed.flatMap((one) => {
      one.opened ??= this.#open(one.segment);
      if (one.opened === undefined) return [];
      const walk = new SegmentWalk(one.opened.readAt, one.opened.measure(), one.position || undefined);
      return walk.next() ? [{ one, walk, linkTypes: one.opened.linkTypes, timeUs: timeOf(walk) }] : [];
    });
    for (let bytes = 0; walks.length > 0; ) {
      const next = walks.reduce((first, other) => (other.timeUs < first.timeUs ? other : first));
      const { one, walk, linkTypes, timeUs } = next;
      const { at, u32, keys } = walk;
      const word = at >> 2;
      keys.read(at + 28, u32[word + 5], linkTypes[u32[word + 2]] ?? -1);
      onPacket(keys, u32[word + 6], timeUs);
      // behind the last packet, and not behind the padding: what is gathered is written over it
      one.position = walk.position + u32[word + 1];
      bytes += u32[word + 1];
      if (bytes >= mostBytes) return true;
      if (walk.next()) next.timeUs = timeOf(walk);
      else walks.splice(walks.indexOf(next), 1);
    }
    return false;
  }
}

/** Microseconds since 1970 of the packet that the walk is at. */
function timeOf({ u32, at }: SegmentWalk): number {
  return Math.floor((u32[(at >> 2) + 3] * 4294967296 + u32[(at >> 2) + 4]) / 1000);
}
