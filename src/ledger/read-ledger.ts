// Both ledgers from disk, joined: the one place that portal and `mss ledger` ask.
import { INSPECTED_COUNTS, type LedgerAnswer, STORED_COUNTS } from '../api/ledger.ts';
import { MssError } from '../errors.ts';
import { joinLedgers } from './join-ledgers.ts';
import { MINUTE_MS } from './ledger-minute.ts';
import { readMinutes, readTotal } from './ledger-sums.ts';

/** Longer than minutes are kept; a bound on the work. */
const MOST_MINUTES = 40 * 1440;
/** A minute is written when the next one has begun, by ids when the engine has told of it: the last two are not asked. */
const UNWRITTEN_MINUTES = 1;

/** Folders of both ledgers. */
export interface LedgerDirs {
  stored: string;
  inspected: string;
}

/**
 * @param range milliseconds since 1970; widened to whole minutes
 * @param mostRows longer stretches of time are summed up into so many rows
 * @throws MssError 'query' for a range that is none, or longer than 40 days; 'io'
 */
export function readLedger(
  dirs: LedgerDirs,
  range: { fromMs: number; toMs: number },
  nowMs: number,
  mostRows: number,
): LedgerAnswer {
  const written = Math.floor(nowMs / MINUTE_MS) - UNWRITTEN_MINUTES;
  const from = Math.floor(range.fromMs / MINUTE_MS);
  const to = Math.max(from, Math.min(Math.ceil(range.toMs / MINUTE_MS), written));
  if (range.fromMs >= range.toMs) throw new MssError('query', 'the time asked for ends before it begins');
  if (to - from > MOST_MINUTES) {
    throw new MssError('query', 'the time asked for is longer than 40 days; of older minutes only the sum is kept');
  }
  return joinLedgers(
    { from, to, mostRows },
    { minutes: readMinutes(dirs.stored, STORED_COUNTS, from, to), total: readTotal(dirs.stored, STORED_COUNTS) },
    {
      minutes: readMinutes(dirs.inspected, INSPECTED_COUNTS, from, to),
      total: readTotal(dirs.inspected, INSPECTED_COUNTS),
    },
  );
}
