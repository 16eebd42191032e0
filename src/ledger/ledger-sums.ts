// Sums of what a ledger's folder holds: a file of lines a day, for some weeks, and one file of sums that stays for ever.
// Whatever instant the machine stops at, each minute is counted once.
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import { addCounts, type LedgerMinute, MINUTE_MS, type Minute, noCounts, parseMinute } from './ledger-minute.ts';

const DAY_FILE = /^(\d{4}-\d\d-\d\d)\.ndjson$/;
const SUMS_FILE = 'sums.json';

export interface LedgerTotal<N extends string> {
  /** undefined: nothing was ever counted */
  sinceMinute?: Minute;
  seconds: number;
  counts: Record<N, number>;
}

export interface LedgerSums<N extends string> {
  /** days whose file is gone */
  before: LedgerTotal<N>;
  /** days that are over: their sum, and how much of their file is in it */
  days: Record<string, { bytes: number; total: LedgerTotal<N> }>;
  /** days that are in `before`, though their file may still be there */
  dropped: string[];
}

export const noTotal = <N extends string>(names: readonly N[]): LedgerTotal<N> => ({
  seconds: 0,
  counts: noCounts(names),
});

/** The UTC day that a minute is in, as its file is called. */
export const dayOf = (minute: Minute): string => new Date(minute * MINUTE_MS).toISOString().slice(0, 10);

export const dayFile = (dir: string, day: string): string => join(dir, `${day}.ndjson`);

/** Days of which there is a file, oldest first. A folder that is not there has none. @throws MssError 'io' */
export function listDays(dir: string): string[] {
  try {
    return readdirSync(dir)
      .flatMap((name) => DAY_FILE.exec(name)?.[1] ?? [])
      .sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new MssError('io', `the ledger ${dir} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

export function addMinute<N extends string>(
  total: LedgerTotal<N>,
  { minute, seconds, counts }: LedgerMinute<Record<N, number>>,
): void {
  total.sinceMinute = Math.min(total.sinceMinute ?? minute, minute);
  total.seconds += seconds;
  addCounts(total.counts, counts);
}

export function addTotal<N extends string>(to: LedgerTotal<N>, from: LedgerTotal<N>): void {
  if (from.sinceMinute === undefined) return;
  to.sinceMinute = Math.min(to.sinceMinute ?? from.sinceMinute, from.sinceMinute);
  to.seconds += from.seconds;
  addCounts(to.counts, from.counts);
}

/** The whole lines of a day's file from a byte on, and where they end. A file that is gone has none. */
export function readDay<N extends string>(
  dir: string,
  day: string,
  names: readonly N[],
  fromByte = 0,
): { minutes: LedgerMinute<Record<N, number>>[]; bytes: number } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(dayFile(dir, day));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { minutes: [], bytes: fromByte };
    throw new MssError('io', `${dayFile(dir, day)} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const end = bytes.lastIndexOf(10) + 1;
  const lines = bytes.toString('utf8', fromByte, Math.max(fromByte, end)).split('\n');
  return { minutes: lines.flatMap((line) => parseMinute(line, names) ?? []), bytes: Math.max(fromByte, end) };
}

/** The file of sums; one that is missing or damaged gives none, and the days that have a file are counted anew. */
export function readSums<N extends string>(dir: string, names: readonly N[]): LedgerSums<N> {
  const made: LedgerSums<N> = { before: noTotal(names), days: {}, dropped: [] };
  let read: Partial<LedgerSums<N>>;
  try {
    read = JSON.parse(readFileSync(join(dir, SUMS_FILE), 'utf8'));
  } catch {
    return made;
  }
  if (read.before !== undefined) addTotal(made.before, read.before);
  for (const [day, { bytes, total }] of Object.entries(read.days ?? {})) {
    made.days[day] = { bytes, total: noTotal(names) };
    addTotal(made.days[day].total, total);
  }
  made.dropped = read.dropped ?? [];
  return made;
}

/** @throws what node:fs throws */
export function writeSums(dir: string, sums: LedgerSums<string>): void {
  const beside = join(dir, `${SUMS_FILE}.new`);
  const fd = openSync(beside, 'w', 0o644);
  try {
    writeSync(fd, JSON.stringify(sums));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, join(dir, SUMS_FILE));
}

/** Everything that was ever counted in the folder. @throws MssError 'io' */
export function readTotal<N extends string>(dir: string, names: readonly N[]): LedgerTotal<N> {
  const { before, days, dropped } = readSums(dir, names);
  for (const day of listDays(dir)) {
    if (dropped.includes(day)) continue;
    if (days[day] !== undefined) addTotal(before, days[day].total);
    for (const minute of readDay(dir, day, names, days[day]?.bytes).minutes) addMinute(before, minute);
  }
  return before;
}

/** The minutes from `from` to `to` (exclusive) that were counted, oldest first; one of two lines is one. */
export function readMinutes<N extends string>(
  dir: string,
  names: readonly N[],
  from: Minute,
  to: Minute,
): LedgerMinute<Record<N, number>>[] {
  const found = new Map<Minute, LedgerMinute<Record<N, number>>>();
  for (const day of listDays(dir)) {
    if (day < dayOf(from) || day > dayOf(to)) continue;
    for (const one of readDay(dir, day, names).minutes) {
      if (one.minute < from || one.minute >= to) continue;
      const known = found.get(one.minute);
      if (known === undefined) found.set(one.minute, one);
      else {
        known.seconds = Math.min(60, known.seconds + one.seconds);
        known.why = one.why ?? known.why;
        addCounts(known.counts, one.counts);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.minute - b.minute);
}
