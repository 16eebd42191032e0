// How much a store may hold, and making it so: oldest segments first, packets and index together, a group's file with the
// last of its segments.
import { rmSync, statSync } from 'node:fs';
import { groupOf } from './groups/group-format.ts';
import { listSegments, removeSegment, type SegmentFile } from './segment-files.ts';
import { groupPath, listNames } from './segment-names.ts';

export interface QuotaPlan {
  /** of the storage's size */
  percent: number;
  /** 0: no limit but the percentage */
  bytes: number;
}

/** Left free on any storage: a full disk stops everyone on it, not only us. */
const RESERVE_BYTES = 256 * 1024 * 1024;

/**
 * How many bytes the store may hold now.
 * @param storage size and free space of its file system, and what the store holds of it, in bytes.
 */
export function planQuota(
  plan: QuotaPlan,
  storage: { totalBytes: number; freeBytes: number; storedBytes: number },
): number {
  const share = Math.floor((storage.totalBytes * plan.percent) / 100);
  const wanted = plan.bytes > 0 ? Math.min(share, plan.bytes) : share;
  // somebody else may fill the same disk: what is free beyond the reserve is all that we may still add
  const reserve = Math.min(RESERVE_BYTES, Math.floor(storage.totalBytes / 20));
  return Math.max(0, Math.min(wanted, storage.storedBytes + storage.freeBytes - reserve));
}

export interface PruneReport {
  segments: number;
  bytes: number;
  /** what the store holds after it */
  storedBytes: number;
  kept: SegmentFile[];
}

/** Bytes that these segments take of the disk, with their indexes and their groups' files. */
export function measureStore(dir: string, segments: readonly SegmentFile[]): number {
  let bytes = 0;
  for (const segment of segments) bytes += segment.bytes + segment.indexBytes;
  for (const group of new Set(segments.map(({ number }) => groupOf(number)))) bytes += measureGroup(dir, group);
  return bytes;
}

/** The file has holes where nothing was noted yet: what counts is what the disk gave it. */
function measureGroup(dir: string, group: number): number {
  return (statSync(groupPath(dir, group), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}

/** Segments that one writer may still have in hand: one being written, and two that wait to be ended. */
const MOST_IN_HAND = 3;

/**
 * Removes the oldest segments until the store holds at most `quotaBytes`. One being written is never touched; one that
 * a full disk left open long ago goes like any other, else it would stay for ever.
 * @param segments of the folder, where they are known already.
 * @param inHand so many of the newest a writer may still be at: more than one writer, more of them
 */
export function pruneStore(
  dir: string,
  quotaBytes: number,
  segments: readonly SegmentFile[] = listSegments(dir),
  inHand = MOST_IN_HAND,
): PruneReport {
  let storedBytes = measureStore(dir, segments);
  const left = new Map<number, number>();
  for (const { number } of segments) left.set(groupOf(number), (left.get(groupOf(number)) ?? 0) + 1);
  const report: PruneReport = { segments: 0, bytes: 0, storedBytes, kept: [] };
  for (const [i, segment] of segments.entries()) {
    if (storedBytes <= quotaBytes || (segment.open && i >= segments.length - inHand)) {
      report.kept.push(segment);
      continue;
    }
    removeSegment(segment);
    const group = groupOf(segment.number);
    left.set(group, left.get(group)! - 1);
    const bytes = segment.bytes + segment.indexBytes + (left.get(group) === 0 ? measureGroup(dir, group) : 0);
    storedBytes -= bytes;
    report.segments++;
    report.bytes += bytes;
  }
  report.storedBytes = storedBytes;
  if (report.segments > 0) removeGroups(dir);
  return report;
}

/** Groups of which no segment is left. */
function removeGroups(dir: string): void {
  const { segments, groups } = listNames(dir);
  const living = new Set(segments.map(({ number }) => groupOf(number)));
  for (const group of groups) if (!living.has(group)) rmSync(groupPath(dir, group), { force: true });
}
