// One segment of a query at work: looked up by its index, else read from beginning to end; what is damaged is noted.
import { MssError, messageOf } from '../errors.ts';
import type { CapturedPacket } from '../pcap/packet.ts';
import type { QueryReport } from './find-packets.ts';
import type { IndexFile } from './index-file.ts';
import { hasBegun, type OpenedSegment, openIndexOf, openSegment } from './open-segment.ts';
import type { PacketKey } from './sealed/packet-keys.ts';
import { type FoundPlaces, findPlaces, readMatches, type ScannedPlaces, type SegmentQuery } from './search-segment.ts';
import { completed, type SegmentName } from './segment-names.ts';

const DAMAGE_LINES_KEPT = 20;

export interface Running {
  file: SegmentName;
  segment: OpenedSegment;
  packets: Generator<CapturedPacket, void, undefined>;
  head: CapturedPacket;
  counts: { flows: number; candidates: number; damaged: number };
}

/** Passes over a segment that has no index. */
export type Scan = (file: SegmentName, segment: OpenedSegment) => ScannedPlaces;

/** Looks a segment up, and finds its first packet that matches; undefined where it has none, or is gone. */
export function startSegment(
  file: SegmentName,
  query: SegmentQuery,
  scan: Scan,
  report: QueryReport,
): Running | undefined {
  const counts = { flows: 0, candidates: 0, damaged: 0 };
  // the index alone says of most segments opened for nothing that they were
  const index = openIndexOf(file, query.keys);
  const found = index === undefined ? undefined : lookUp(file, index, query, counts, report);
  if (found?.places.length === 0) {
    index?.close();
    report.done++;
    report.flows += counts.flows;
    return undefined;
  }
  const segment = tryOpen(file, query.keys, report, index);
  if (segment === undefined) {
    index?.close();
    return undefined;
  }
  const packets = readMatches(segment, found ?? scanAll(file, segment, scan, counts, report), query, counts);
  const first = packets.next();
  const running = { file, segment, packets, head: first.value as CapturedPacket, counts };
  if (!first.done) return running;
  finishSegment(running, report);
  return undefined;
}

/** Undefined where the index is damaged. */
function lookUp(
  file: SegmentName,
  index: IndexFile,
  query: SegmentQuery,
  counts: Running['counts'],
  report: QueryReport,
): FoundPlaces | undefined {
  try {
    return findPlaces(index, query, counts);
  } catch (error) {
    if (!(error instanceof MssError)) throw error;
    noteDamage(report, `${file.indexPath}: ${error.message}; the segment was read instead`);
    return undefined;
  }
}

function scanAll(
  file: SegmentName,
  segment: OpenedSegment,
  scan: Scan,
  counts: Running['counts'],
  report: QueryReport,
): FoundPlaces {
  const scanned = scan(file, segment);
  report.scanned++;
  counts.flows += scanned.places.length > 0 ? 1 : 0;
  if (scanned.packets > 0 && (report.lastNs === undefined || scanned.lastNs > report.lastNs)) {
    report.lastNs = scanned.lastNs;
  }
  if (scanned.tornBytes > 0 && !file.open) {
    noteDamage(report, `${file.path}: ${scanned.tornBytes} bytes at its end are unreadable`);
  }
  if (!file.open && !segment.isWhole()) noteDamage(report, `${file.path}: it was cut off, by a crash or by somebody`);
  return scanned;
}

/** Closes a segment that is through, and adds it to the report. */
export function finishSegment({ file, segment, counts }: Running, report: QueryReport): void {
  segment.close();
  report.done++;
  report.flows += counts.flows;
  report.candidates += counts.candidates;
  if (counts.damaged > 0) noteDamage(report, `${file.path}: ${counts.damaged} packets are damaged`);
}

/** Undefined where the segment was pruned or is unreadable; the latter is noted. Throws MssError `locked`. */
export function tryOpen(
  file: SegmentName,
  keys: readonly PacketKey[],
  report: QueryReport,
  index?: IndexFile,
): OpenedSegment | undefined {
  try {
    return hasBegun(file) ? openSegment(file, keys, index) : undefined;
  } catch (error) {
    if (error instanceof MssError && error.code === 'locked') throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      // completed since it was listed: it has its final name now
      return file.open ? tryOpen(completed(file), keys, report) : undefined;
    }
    noteDamage(report, `${file.path}: ${messageOf(error)}`);
    return undefined;
  }
}

function noteDamage(report: QueryReport, line: string): void {
  if (report.damage.length < DAMAGE_LINES_KEPT && !report.damage.includes(line)) report.damage.push(line);
}
