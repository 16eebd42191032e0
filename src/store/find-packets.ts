// A query over a whole store: picks segments by time, goes through each by its index, merges them in order of time.
import { MssError } from '../errors.ts';
import { hasPorts } from '../net/protocol-number.ts';
import type { Tuple } from '../net/tuple.ts';
import { LATER_FRAGMENT, W_KIND } from '../pcap/key-words.ts';
import type { CapturedPacket } from '../pcap/packet.ts';
import type { Filter } from '../query/filter.ts';
import { FlowFragments } from '../query/flow-fragments.ts';
import { flowKey, laterFragmentKey, sameFlow, samePair } from '../query/flow-key.ts';
import { compilePacketFilter, type PacketTest } from '../query/packet-filter.ts';
import { flowOf, type PacketAccess, planPacketAccess, tupleFilter } from '../query/plan-packets.ts';
import { chooseSegments, mayHoldAny, type SegmentTimes } from './choose-segments.ts';
import type { OpenedSegment } from './open-segment.ts';
import { finishSegment, type Running, type Scan, startSegment, tryOpen } from './run-segment.ts';
import { refuseLocked, timesOfLocked } from './sealed/locked-segments.ts';
import type { PacketKey } from './sealed/packet-keys.ts';
import { firstPacketNs, type ScannedPlaces, type SegmentQuery, scanPlaces } from './search-segment.ts';
import { listNames, type SegmentName } from './segment-names.ts';

export interface PacketQuery {
  filter: Filter;
  /** microseconds since 1970; both ends belong to the range */
  fromUs?: number;
  toUs?: number;
  /** for encrypted segments */
  keys?: readonly PacketKey[];
}

/** What a query went through; filled in while it runs. */
export interface QueryReport {
  /** segments of the store, and how many of them the time range left */
  segments: number;
  searched: number;
  /** of those, the ones that were opened: the others surely hold nothing of it */
  opened: number;
  /** of those, the ones that are through */
  done: number;
  /** read from beginning to end: the open one, and those with a damaged or missing index */
  scanned: number;
  /** flow records that may have matched (a segment read without its index counts as one), and packets looked at */
  flows: number;
  candidates: number;
  matched: number;
  /** time of the oldest and newest stored packet */
  firstNs?: bigint;
  lastNs?: bigint;
  /** what could not be read, a line each */
  damage: string[];
}

export function emptyQueryReport(): QueryReport {
  return { segments: 0, searched: 0, opened: 0, done: 0, scanned: 0, flows: 0, candidates: 0, matched: 0, damage: [] };
}

/**
 * The stored packets that match, in order of time.
 * A packet's data is valid until the next is asked for. Segments pruned meanwhile are left out.
 * @throws MssError `query` for words that packets do not have, `store` where the folder cannot be read, `locked` where a
 *   segment of this time is encrypted for other keys: before the first packet.
 */
export async function* findPackets(
  dir: string,
  query: PacketQuery,
  report: QueryReport = emptyQueryReport(),
): AsyncGenerator<CapturedPacket, void, undefined> {
  const { keys = [] } = query;
  const range = {
    keys,
    fromNs: query.fromUs === undefined ? 0n : BigInt(Math.floor(query.fromUs)) * 1000n,
    toNs: query.toUs === undefined ? 2n ** 64n - 1n : BigInt(Math.floor(query.toUs)) * 1000n + 999n,
  };
  const store: Store = { dir, segments: listNames(dir).segments, scans: new Map() };
  const fragments = new FlowFragments();
  const flow = flowOf(query.filter);
  const fragmented = flow !== undefined && hasPorts(flow.proto) && noteFragments(store, flow, range, fragments);
  const access = planPacketAccess(query.filter, flow === undefined || fragmented);
  yield* mergeSegments(store, { access, ...compilePacketFilter(query.filter, fragments), ...range }, report);
}

/** Notes the flow's first fragments, where there are later ones between its ends: hardly ever. @returns whether so */
function noteFragments(
  store: Store,
  tuple: Tuple,
  range: Pick<SegmentQuery, 'fromNs' | 'toNs' | 'keys'>,
  fragments: FlowFragments,
): boolean {
  const key = flowKey(tuple);
  const ofLater: PacketAccess = { by: 'flow', keys: [laterFragmentKey(key)] };
  if (!mayHoldAny(store.dir, store.segments, ofLater)) return false;
  const search = (access: PacketAccess, packet: PacketTest) => {
    const query = { access, packet, record: () => true, ...range };
    for (const _ of mergeSegments(store, query, emptyQueryReport())) return true;
    return false;
  };
  const isLater: PacketTest = ({ words }) => (words[W_KIND] & LATER_FRAGMENT) !== 0 && samePair(words, 0, key);
  const ofFlow = compilePacketFilter(tupleFilter(tuple), fragments).packet;
  store.scanTest = (...packet) => isLater(...packet) || ofFlow(...packet);
  if (!search(ofLater, isLater)) return false;
  search({ by: 'flow', keys: [key] }, (keys, _lengthBytes, timeNs) => {
    if (sameFlow(keys.words, 0, key)) fragments.note(keys, timeNs);
    return false; // goes on to the end
  });
  return true;
}

function* mergeSegments(
  store: Store,
  query: SegmentQuery,
  report: QueryReport,
): Generator<CapturedPacket, void, undefined> {
  const { scans, scanTest = query.packet } = store;
  const scan: Scan = (file, segment) => {
    const scanned = scans.get(file.path) ?? scanPlaces(segment, scanTest);
    if (store.scanTest !== undefined) scans.set(file.path, scanned);
    return scanned;
  };
  const waiting = selectSegments(store, query, report);
  report.opened = waiting.length;
  const running: Running[] = [];
  try {
    for (;;) {
      // a segment joins once all earlier packets have been given
      while (waiting.length > 0 && (running.length === 0 || waiting[0].firstNs <= running[0].head.timeNs)) {
        const started = startSegment(waiting.shift()!.segment, query, scan, report);
        if (started !== undefined) insert(running, started);
      }
      const next = running.shift();
      if (next === undefined) return;
      report.matched++;
      yield next.head;
      const step = next.packets.next();
      if (step.done) finishSegment(next, report);
      else insert(running, Object.assign(next, { head: step.value }));
    }
  } finally {
    for (const left of running) left.segment.close();
  }
}

interface Store {
  dir: string;
  segments: readonly SegmentName[];
  /** what was found in segments without an index, by path, where the steps of one query share a pass */
  scans: Map<string, ScannedPlaces>;
  /** all that any of these steps looks for; undefined: there is one step only, and nothing need be kept */
  scanTest?: PacketTest;
}

/** Keeps the list in order of time; few segments overlap, so it is short. */
function insert(running: Running[], added: Running): void {
  let at = running.length;
  while (at > 0 && running[at - 1].head.timeNs > added.head.timeNs) at--;
  running.splice(at, 0, added);
}

function selectSegments(
  { dir, segments }: Store,
  query: SegmentQuery,
  report: QueryReport,
): { segment: SegmentName; firstNs: bigint }[] {
  const choice = chooseSegments(dir, segments, query, (segment) => lookInto(segment, query.keys, report));
  refuseLocked(choice.chosen, query.keys);
  Object.assign(report, { segments: choice.segments, searched: choice.searched });
  report.firstNs = choice.firstNs;
  report.lastNs = choice.lastNs;
  return choice.chosen;
}

/** The times of a segment that no group knows; of one without an index only the first is known. */
function lookInto(segment: SegmentName, keys: readonly PacketKey[], report: QueryReport): SegmentTimes | undefined {
  let opened: OpenedSegment | undefined;
  try {
    opened = tryOpen(segment, keys, report);
  } catch (error) {
    if (error instanceof MssError && error.code === 'locked') return timesOfLocked(segment);
    throw error;
  }
  if (opened === undefined) return undefined;
  try {
    if (opened.index !== undefined) return opened.index.header;
    const firstNs = firstPacketNs(opened);
    return { packets: firstNs === undefined ? 0 : 1, firstNs: firstNs ?? 0n, lastNs: undefined };
  } finally {
    opened.close();
  }
}
