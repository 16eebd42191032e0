// A query over a whole store: picks segments by time, goes through each by its index, merges them in order of time.
import { MssError, messageOf } from '../errors.ts';
import type { CapturedPacket } from '../pcap/packet.ts';
import type { Filter } from '../query/filter.ts';
import { compilePacketFilter } from '../query/packet-filter.ts';
import { planPacketAccess } from '../query/plan-packets.ts';
import { type OpenedSegment, openSegment } from './open-segment.ts';
import { findPlaces, readMatches, type SegmentQuery } from './search-segment.ts';
import { completed, listSegments, type SegmentFile } from './segment-files.ts';

export interface PacketQuery {
  filter: Filter;
  /** microseconds since 1970; both ends belong to the range */
  fromUs?: number;
  toUs?: number;
}

/** What a query went through; filled in while it runs. */
export interface QueryReport {
  /** segments of the store, and how many of them the time range left */
  segments: number;
  searched: number;
  /** whose index had to be made for this query: the open one, and those with a damaged or missing index */
  scanned: number;
  /** flow records that may have matched, and packets looked at to make sure */
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
  return { segments: 0, searched: 0, scanned: 0, flows: 0, candidates: 0, matched: 0, damage: [] };
}

const DAMAGE_LINES_KEPT = 20;

/**
 * The stored packets that match, in order of time.
 * A packet's data is valid until the next is asked for. Segments pruned meanwhile are left out.
 * @throws MssError `query` for words that packets do not have, `store` where the folder cannot be read.
 */
export async function* findPackets(
  dir: string,
  query: PacketQuery,
  report: QueryReport = emptyQueryReport(),
): AsyncGenerator<CapturedPacket, void, undefined> {
  const tests = compilePacketFilter(query.filter);
  const segmentQuery: SegmentQuery = {
    access: planPacketAccess(query.filter),
    ...tests,
    fromNs: query.fromUs === undefined ? 0n : BigInt(Math.floor(query.fromUs)) * 1000n,
    toNs: query.toUs === undefined ? 2n ** 64n - 1n : BigInt(Math.floor(query.toUs)) * 1000n + 999n,
  };
  const waiting = selectSegments(dir, segmentQuery, report);
  const running: Running[] = [];
  try {
    for (;;) {
      // a segment joins once all earlier packets have been given
      while (waiting.length > 0 && (running.length === 0 || waiting[0].firstNs <= running[0].head.timeNs)) {
        const started = start(waiting.shift()!.segment, segmentQuery, report);
        if (started !== undefined) insert(running, started);
      }
      const next = running.shift();
      if (next === undefined) return;
      report.matched++;
      yield next.head;
      const step = next.packets.next();
      if (step.done) finish(next, report);
      else insert(running, Object.assign(next, { head: step.value }));
    }
  } finally {
    for (const left of running) left.segment.close();
  }
}

interface Running {
  file: SegmentFile;
  segment: OpenedSegment;
  packets: Generator<CapturedPacket, void, undefined>;
  head: CapturedPacket;
  counts: { flows: number; candidates: number; damaged: number };
}

/** Keeps the list in order of time; few segments overlap, so it is short. */
function insert(running: Running[], added: Running): void {
  let at = running.length;
  while (at > 0 && running[at - 1].head.timeNs > added.head.timeNs) at--;
  running.splice(at, 0, added);
}

function selectSegments(
  dir: string,
  query: SegmentQuery,
  report: QueryReport,
): { segment: SegmentFile; firstNs: bigint }[] {
  const selected: { segment: SegmentFile; firstNs: bigint }[] = [];
  for (const segment of listSegments(dir)) {
    const opened = tryOpen(segment, report);
    if (opened === undefined) continue;
    const { firstNs, lastNs, packets } = opened.index.header;
    opened.close();
    report.segments++;
    if (packets === 0) continue;
    if (report.firstNs === undefined || firstNs < report.firstNs) report.firstNs = firstNs;
    if (report.lastNs === undefined || lastNs > report.lastNs) report.lastNs = lastNs;
    if (lastNs >= query.fromNs && firstNs <= query.toNs) selected.push({ segment, firstNs });
  }
  report.searched = selected.length;
  return selected.sort((a, b) => (a.firstNs < b.firstNs ? -1 : a.firstNs > b.firstNs ? 1 : 0));
}

function start(file: SegmentFile, query: SegmentQuery, report: QueryReport): Running | undefined {
  let segment = tryOpen(file, report);
  if (segment === undefined) return undefined;
  const counts = { flows: 0, candidates: 0, damaged: 0 };
  let places: Uint32Array;
  try {
    places = findPlaces(segment.index, query, counts);
  } catch (error) {
    if (!(error instanceof MssError)) throw error;
    noteDamage(report, `${file.indexPath}: ${error.message}; the segment was read instead`);
    segment.close();
    segment = tryOpen(file, report, false);
    if (segment === undefined) return undefined;
    places = findPlaces(segment.index, query, counts);
  }
  if (segment.scanned) report.scanned++;
  const packets = readMatches(segment, places, query, counts);
  const first = packets.next();
  const running = { file, segment, packets, head: first.value as CapturedPacket, counts };
  if (!first.done) return running;
  finish(running, report);
  return undefined;
}

function finish({ file, segment, counts }: Running, report: QueryReport): void {
  segment.close();
  report.flows += counts.flows;
  report.candidates += counts.candidates;
  if (counts.damaged > 0) noteDamage(report, `${file.path}: ${counts.damaged} packets are damaged`);
}

/** Undefined where the segment was pruned or is unreadable; the latter is noted. */
function tryOpen(file: SegmentFile, report: QueryReport, trustIndex = true): OpenedSegment | undefined {
  try {
    const segment = openSegment(file, trustIndex);
    if (segment.tornBytes > 0 && !file.open) {
      noteDamage(report, `${file.path}: ${segment.tornBytes} bytes at its end are unreadable`);
    }
    return segment;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      // completed since it was listed: it has its final name now
      return file.open ? tryOpen(completed(file), report, trustIndex) : undefined;
    }
    noteDamage(report, `${file.path}: ${messageOf(error)}`);
    return undefined;
  }
}

function noteDamage(report: QueryReport, line: string): void {
  if (report.damage.length < DAMAGE_LINES_KEPT && !report.damage.includes(line)) report.damage.push(line);
}
