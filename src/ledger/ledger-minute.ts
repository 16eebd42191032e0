// What one path counted in one minute, and the line that stands for it in the ledger's file. Pure.

/** Minutes since 1970. */
export type Minute = number;

export const MINUTE_MS = 60_000;

/** @typeParam C counts by name; all of them only grow */
export interface LedgerMinute<C extends Record<string, number>> {
  minute: Minute;
  /** of the minute's sixty, how many were watched */
  seconds: number;
  counts: C;
  /** the last reason why packets were not written */
  why?: string;
}

/** A set of counters that are all 0. */
export const noCounts = <N extends string>(names: readonly N[]): Record<N, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;

/** Adds `from` to `to`. A counter that `to` has not is passed over: it is one of another release. */
export function addCounts<C extends Record<string, number>>(to: C, from: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(to) as (keyof C & string)[]) {
    const value = from[name];
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) (to as Record<string, number>)[name] += value;
  }
}

/** A line as `renderMinute` wrote it, or undefined for anything else. */
export function parseMinute<N extends string>(
  line: string,
  names: readonly N[],
): LedgerMinute<Record<N, number>> | undefined {
  try {
    const { minute, seconds, why, ...counts } = JSON.parse(line) as Record<string, unknown>;
    if (!Number.isSafeInteger(minute) || typeof seconds !== 'number' || !(seconds >= 0)) return undefined;
    const made: LedgerMinute<Record<N, number>> = { minute: minute as number, seconds, counts: noCounts(names) };
    addCounts(made.counts, counts);
    if (typeof why === 'string') made.why = why;
    return made;
  } catch {
    return undefined;
  }
}

/** One line of JSON, without its newline; counters that are 0 are left out. */
export function renderMinute({ minute, seconds, counts, why }: LedgerMinute<Record<string, number>>): string {
  const some = Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
  return JSON.stringify({ minute, seconds, ...some, why });
}
