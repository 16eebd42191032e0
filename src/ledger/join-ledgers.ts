// The stored path's minutes and the inspected path's -> one ledger: rows of one or more minutes, sums, and the minutes in
// which nobody counted. Those are gaps: they are never shown as minutes without loss. Pure.
import {
  type Counted,
  INSPECTED_COUNTS,
  type LedgerAnswer,
  type LedgerGap,
  type LedgerPath,
  type LedgerRow,
  type LedgerSum,
  STORED_COUNTS,
} from '../api/ledger.ts';
import { addCounts, type LedgerMinute, MINUTE_MS, type Minute, noCounts } from './ledger-minute.ts';
import type { LedgerTotal } from './ledger-sums.ts';

type StoredName = (typeof STORED_COUNTS)[number];
type InspectedName = (typeof INSPECTED_COUNTS)[number];

export interface PathLedger<N extends string> {
  /** in order of time */
  minutes: readonly LedgerMinute<Record<N, number>>[];
  total: LedgerTotal<N>;
}

export interface LedgerQuery {
  from: Minute;
  /** exclusive; all before it must have been written by now */
  to: Minute;
  mostRows: number;
}

export function joinLedgers(
  query: LedgerQuery,
  stored: PathLedger<StoredName>,
  inspected: PathLedger<InspectedName>,
): LedgerAnswer {
  const began = Math.min(
    stored.total.sinceMinute ?? Number.POSITIVE_INFINITY,
    inspected.total.sinceMinute ?? Number.POSITIVE_INFINITY,
  );
  // before its first record a sensor was not there: that is no gap in what it saw
  const from = Math.max(query.from, Math.min(began, query.to));
  const step = Math.max(1, Math.ceil((query.to - from) / query.mostRows));
  const rows: LedgerRow[] = [];
  for (let at = from; at < query.to; at += step) {
    rows.push({ fromMs: at * MINUTE_MS, minutes: Math.min(step, query.to - at) });
  }
  for (const one of stored.minutes) addTo(rows[Math.floor((one.minute - from) / step)], 'stored', STORED_COUNTS, one);
  for (const one of inspected.minutes) {
    addTo(rows[Math.floor((one.minute - from) / step)], 'inspected', INSPECTED_COUNTS, one);
  }
  const sum: LedgerRow = { fromMs: 0, minutes: 0 };
  for (const one of stored.minutes) addTo(sum, 'stored', STORED_COUNTS, one);
  for (const one of inspected.minutes) addTo(sum, 'inspected', INSPECTED_COUNTS, one);
  const has = { stored: minutesOf(stored), inspected: minutesOf(inspected) };
  return {
    fromMs: from * MINUTE_MS,
    toMs: query.to * MINUTE_MS,
    rows,
    gaps: [...findGaps('stored', from, query.to, has), ...findGaps('inspected', from, query.to, has)].sort(
      (a, b) => a.fromMs - b.fromMs,
    ),
    sum: { stored: sum.stored, inspected: sum.inspected },
    ever: everOf(stored.total, inspected.total),
  };
}

function addTo(
  row: LedgerRow | undefined,
  path: LedgerPath,
  names: readonly string[],
  { seconds, counts, why }: LedgerMinute<Record<string, number>>,
): void {
  if (row === undefined) return;
  const made = (row[path] as Counted<Record<string, number>> | undefined) ?? { seconds: 0, counts: noCounts(names) };
  made.seconds += seconds;
  addCounts(made.counts, counts);
  if (why !== undefined) made.why = why;
  Object.assign(row, { [path]: made });
}

/** Those in which somebody counted: what a stop leaves behind may be counted in a minute that nobody watched. */
const minutesOf = ({ minutes }: PathLedger<string>): Set<Minute> =>
  new Set(minutes.filter(({ seconds }) => seconds > 0).map(({ minute }) => minute));

/** Minutes that have no record, each stretch of them once; one is as long as its reason stays the same. */
function findGaps(
  path: LedgerPath,
  from: Minute,
  to: Minute,
  has: Readonly<Record<LedgerPath, ReadonlySet<Minute>>>,
): LedgerGap[] {
  const gaps: LedgerGap[] = [];
  const [own, other] = path === 'stored' ? ['mss-capture', has.inspected] : ['mss-ids', has.stored];
  for (let minute = from; minute < to; minute++) {
    if (has[path].has(minute)) continue;
    const why = other.has(minute) ? `${own} did not count` : 'the sensor was off, or its clock was elsewhere';
    const last = gaps.at(-1);
    if (last?.toMs === minute * MINUTE_MS && last.why === why) last.toMs += MINUTE_MS;
    else gaps.push({ path, fromMs: minute * MINUTE_MS, toMs: (minute + 1) * MINUTE_MS, why });
  }
  return gaps;
}

function everOf(stored: LedgerTotal<StoredName>, inspected: LedgerTotal<InspectedName>): LedgerSum {
  const since = [stored.sinceMinute, inspected.sinceMinute].filter((minute) => minute !== undefined);
  return {
    sinceMs: since.length === 0 ? undefined : Math.min(...since) * MINUTE_MS,
    stored: stored.sinceMinute === undefined ? undefined : { seconds: stored.seconds, counts: stored.counts },
    inspected:
      inspected.sinceMinute === undefined ? undefined : { seconds: inspected.seconds, counts: inspected.counts },
  };
}
