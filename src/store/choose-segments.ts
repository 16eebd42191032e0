// Which segments of a store a query has to open: by their time, and by what their group knows of them.
import type { PacketAccess } from '../query/plan-packets.ts';
import { groupOf } from './groups/group-format.ts';
import { askGroup, type GroupAnswer } from './groups/read-group.ts';
import type { IndexHeader } from './index-format.ts';
import type { SegmentName } from './segment-names.ts';

export interface ChosenSegment {
  segment: SegmentName;
  firstNs: bigint;
  /** encrypted, and nobody looked yet whether there is a key */
  sealed: boolean;
}

export interface SegmentChoice {
  /** time of the oldest and newest packet of the store, where there is one */
  firstNs?: bigint;
  lastNs?: bigint;
  /** segments that hold packets, and how many of them the time range left */
  segments: number;
  searched: number;
  /** of those, the ones that may hold what is asked for, by the time of their first packet */
  chosen: ChosenSegment[];
}

/** Without an index only the first packet's time is known, and it need not be the earliest. */
export type SegmentTimes = Pick<IndexHeader, 'packets' | 'firstNs'> & { lastNs: bigint | undefined; sealed?: boolean };

/** Packets come this much out of order at most, where there is no index to tell. */
const DISORDER_NS = 60_000_000_000n;

/**
 * @param segments of the store.
 * @param look opens a segment that no group knows; undefined where it is gone or unreadable.
 */
export function chooseSegments(
  dir: string,
  segments: readonly SegmentName[],
  query: { access: PacketAccess; fromNs: bigint; toNs: bigint },
  look: (segment: SegmentName) => SegmentTimes | undefined,
): SegmentChoice {
  const choice: SegmentChoice = { segments: 0, searched: 0, chosen: [] };
  const groups = new Map<number, GroupAnswer | undefined>();
  for (const segment of segments) {
    const { number } = segment;
    const group = groupOf(number);
    if (!segment.open && !groups.has(group)) groups.set(group, askGroup(dir, group, query.access));
    const answer = segment.open ? undefined : groups.get(group);
    const slot = answer?.slot(number);
    const times = slot ?? look(segment);
    if (times === undefined) continue;
    choice.segments++;
    if (times.packets === 0) continue;
    const { firstNs, lastNs, sealed = false } = times;
    if (choice.firstNs === undefined || firstNs < choice.firstNs) choice.firstNs = firstNs;
    if (choice.lastNs === undefined || (lastNs ?? firstNs) > choice.lastNs) choice.lastNs = lastNs ?? firstNs;
    if (lastNs === undefined) {
      if (firstNs > query.toNs + DISORDER_NS) continue;
      choice.searched++;
      choice.chosen.push({ segment, firstNs: 0n, sealed });
      continue;
    }
    if (lastNs < query.fromNs || firstNs > query.toNs) continue;
    choice.searched++;
    if (slot === undefined || answer === undefined || answer.mayHold(number)) {
      choice.chosen.push({ segment, firstNs, sealed });
    }
  }
  choice.chosen.sort((a, b) => (a.firstNs < b.firstNs ? -1 : a.firstNs > b.firstNs ? 1 : 0));
  return choice;
}

/** Whether any segment may hold what is asked for, as far as their groups tell: cheaper than choosing. */
export function mayHoldAny(dir: string, segments: readonly SegmentName[], access: PacketAccess): boolean {
  if (segments.some(({ open }) => open)) return true;
  const groups = new Set(segments.map(({ number }) => groupOf(number)));
  return [...groups].some((group) => askGroup(dir, group, access)?.mayHoldAny ?? true);
}
