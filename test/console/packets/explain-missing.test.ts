// Why packets are missing, of a ledger that never was on a disk; with one that is: test/console/packets/nothing-found.test.ts.
import { expect, test } from 'vitest';
import { type LedgerAnswer, STORED_COUNTS, type StoredCounts } from '../../../src/api/ledger.ts';
import { explainMissing } from '../../../src/console/packets/explain-missing.ts';

const NOW = 1_780_000_020_000; // a whole minute
const MINUTE = 60_000;
const CAPTURE = { filter: 'not port 443', cutoff: 1_000_000 };

/** A ledger in which every minute has these counts, kept for three hours. */
function ledger(some: Partial<StoredCounts>, gaps: LedgerAnswer['gaps'] = []) {
  const sinceMs = NOW - 180 * MINUTE;
  return (fromMs: number, toMs: number): Pick<LedgerAnswer, 'sum' | 'gaps' | 'ever'> => {
    const minutes = (Math.min(toMs, NOW) - Math.max(fromMs, sinceMs)) / MINUTE;
    const none = Object.fromEntries(STORED_COUNTS.map((name) => [name, 0])) as StoredCounts;
    for (const name of STORED_COUNTS) none[name] = (some[name] ?? 0) * minutes;
    return { sum: { stored: { seconds: 60 * minutes, counts: none } }, gaps, ever: { sinceMs } };
  };
}

const asked = (fromMinute: number, toMinute: number, oldestMinute?: number) => ({
  fromMs: NOW + fromMinute * MINUTE,
  toMs: NOW + toMinute * MINUTE,
  oldestMs: oldestMinute === undefined ? undefined : NOW + oldestMinute * MINUTE,
  nowMs: NOW,
});

test('filtered, lost and not captured are told apart', () => {
  const counts = { filtered: 12, beyondCutoff: 5, lostInRing: 2, notWritten: 1 };
  const gaps = [
    { path: 'stored' as const, fromMs: 0, toMs: 180_000, why: '' },
    { path: 'inspected' as const, fromMs: 0, toMs: 6e6, why: '' },
  ];
  expect(explainMissing(ledger(counts, gaps), asked(-10, -9, -20), CAPTURE)).toBe(
    '; in the time asked for 7 packets were filtered: capture stores only "not port 443"; 5 packets were ' +
      'beyond the first 1000000 bytes of their flow (capture.cutoff); 3 packets were lost before ' +
      'they were stored; in 3 minutes nothing captured or counted',
  );
});

test('pruned is what was stored before the oldest packet that there is', () => {
  const read = ledger({ stored: 10 });
  const why = (packets: number) =>
    `; in the time asked for ${packets} packets were stored and pruned for newer ones since`;
  expect(explainMissing(read, asked(-60, -50, -20), CAPTURE)).toBe(why(100));
  expect(explainMissing(read, asked(-60, 0, -20.5), CAPTURE)).toBe(why(390));
  expect(explainMissing(read, asked(-60, 0), CAPTURE)).toBe(why(600));
  expect(explainMissing(read, asked(-15, 0, -20), CAPTURE)).toBe('');
  expect(explainMissing(ledger({ stored: 10, prunedEarlyBytes: 1 }), asked(-60, -50, -20), CAPTURE)).toBe(
    `${why(100)}, some of them early, since something else fills the disk`,
  );
});

test('before the first count nobody was there', () => {
  expect(explainMissing(ledger({}), asked(-300, -200, -20), CAPTURE)).toMatch(
    /^; this sensor has counted packets since 2026-.*Z only$/,
  );
});

test('where nothing was kept out, nothing is said, nor where there is no ledger', () => {
  expect(explainMissing(ledger({ offered: 9, stored: 9 }), asked(-10, 0, -20), CAPTURE)).toBe('');
  expect(explainMissing(() => ({ sum: {}, gaps: [], ever: {} }), asked(-10, 0), CAPTURE)).toBe('');
});
