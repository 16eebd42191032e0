// Keeps the packet store within its quota, and knows how much and how old it is.
import { openIndex } from '../store/open-segment.ts';
import { measureStore, planQuota, pruneStore, type QuotaPlan } from '../store/quota.ts';
import { listSegments, type SegmentFile } from '../store/segment-files.ts';
import { planInHand } from './segment-step.ts';

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
   * @param writing by so many workers, into segments of this size, so much so far: what came since the last time will
   *   come again until the next.
   * @param space of the store's file system.
   */
  keep(
    dir: string,
    plan: QuotaPlan,
    { workers, segmentBytes, writtenBytes }: { workers: number; segmentBytes: number; writtenBytes: number },
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
    const most = Math.max(this.quotaBytes / 2, this.quotaBytes - workers * segmentBytes - growthBytes);
    const pruned = pruneStore(dir, most, segments, planInHand(workers));
    this.#segments = pruned.kept;
    this.storedBytes = pruned.storedBytes;
    this.prunedSegments += pruned.segments;
    this.prunedBytes += pruned.bytes;
    if (this.quotaBytes < planQuota(plan, { ...space, storedBytes: space.totalBytes })) {
      this.prunedEarlyBytes += pruned.bytes;
    }
    this.#noteTimes(workers);
  }

  /** Numbers go by the time a segment begins; of those that several workers ended last any may hold the newest packet. */
  #noteTimes(workers: number): void {
    const complete = this.#segments.filter((segment) => !segment.open);
    const times = (segments: readonly SegmentFile[]) =>
      segments.flatMap((segment) => {
        const index = openIndex(segment, segment.bytes);
        index?.close();
        return index === undefined ? [] : [index.header];
      });
    const toUs = (ns: bigint) => Number(ns / 1000n);
    this.oldestUs = times(complete.slice(0, 1)).map(({ firstNs }) => toUs(firstNs))[0];
    this.newestUs = times(complete.slice(-workers)).reduce<number | undefined>(
      (newest, { lastNs }) => Math.max(newest ?? 0, toUs(lastNs)),
      undefined,
    );
  }
}
