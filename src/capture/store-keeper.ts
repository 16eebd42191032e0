// Keeps the packet store within its quota, and knows how much and how old it is.
import { openIndex } from '../store/open-segment.ts';
import { measureStore, planQuota, pruneStore, type QuotaPlan } from '../store/quota.ts';
import { listSegments, type SegmentFile } from '../store/segment-files.ts';

/** Somebody else may fill the disk meanwhile, though we end no segment. */
const EVERY_MS = 2000;

export class StoreKeeper {
  quotaBytes: number | undefined;
  storedBytes = 0;
  prunedSegments = 0;
  prunedBytes = 0;
  /** of these what the configured quota would have kept: somebody else fills the disk */
  prunedEarlyBytes = 0;
  /** microseconds since 1970, of complete segments */
  oldestUs: number | undefined;
  newestUs: number | undefined;
  #dir = '';
  /** by the clock that nobody sets */
  #keptMs = 0;
  #writtenBytes = 0;
  #segments: readonly SegmentFile[] = [];

  /**
   * Removes what is over the quota: whenever a segment's worth was written, and once in a while.
   * @param segmentBytes what the open segment may still grow to.
   * @param writtenBytes all that was written so far: what came since the last time will come again until the next.
   * @param space of the store's file system.
   */
  keep(
    dir: string,
    plan: QuotaPlan,
    segmentBytes: number,
    writtenBytes: number,
    space: { totalBytes: number; freeBytes: number },
  ): void {
    const quiet = writtenBytes - this.#writtenBytes < segmentBytes && performance.now() - this.#keptMs < EVERY_MS;
    if (dir === this.#dir && quiet) return;
    const growthBytes = 2 * Math.max(0, writtenBytes - this.#writtenBytes);
    this.#writtenBytes = writtenBytes;
    this.#dir = dir;
    this.#keptMs = performance.now();
    const segments = listSegments(dir, this.#segments);
    const storedBytes = measureStore(dir, segments);
    this.quotaBytes = planQuota(plan, { ...space, storedBytes });
    const most = Math.max(this.quotaBytes / 2, this.quotaBytes - segmentBytes - growthBytes);
    const pruned = pruneStore(dir, most, segments);
    this.#segments = pruned.kept;
    this.storedBytes = pruned.storedBytes;
    this.prunedSegments += pruned.segments;
    this.prunedBytes += pruned.bytes;
    if (this.quotaBytes < planQuota(plan, { ...space, storedBytes: space.totalBytes })) {
      this.prunedEarlyBytes += pruned.bytes;
    }
    this.#noteTimes();
  }

  #noteTimes(): void {
    const complete = this.#segments.filter((segment) => !segment.open);
    const times = [complete.at(0), complete.at(-1)].map((segment) => {
      if (segment === undefined) return undefined;
      const index = openIndex(segment, segment.bytes);
      index?.close();
      return index?.header;
    });
    this.oldestUs = times[0] === undefined ? undefined : Number(times[0].firstNs / 1000n);
    this.newestUs = times[1] === undefined ? undefined : Number(times[1].lastNs / 1000n);
  }
}
