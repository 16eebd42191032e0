import { expect, test } from 'vitest';
import { STORED_COUNTS, type StoredCounts } from '../../../src/api/ledger.ts';
import { explainMissing } from '../../../src/console/packets/explain-missing.ts';

const counts = (some: Partial<StoredCounts>) => ({
  seconds: 60,
  counts: { ...(Object.fromEntries(STORED_COUNTS.map((name) => [name, 0])) as StoredCounts), ...some },
});

test('filtered, lost, pruned and not captured are told apart', () => {
  const stored = counts({
    filtered: 12,
    beyondCutoff: 5,
    lostInRing: 2,
    notWritten: 1,
    prunedBytes: 5e6,
    prunedEarlyBytes: 1,
  });
  const gaps = [
    { path: 'stored' as const, fromMs: 0, toMs: 180_000, why: '' },
    { path: 'inspected' as const, fromMs: 0, toMs: 6e6, why: '' },
  ];
  expect(explainMissing({ sum: { stored }, gaps }, { filter: 'not port 443', cutoff: 1000000 })).toBe(
    '; in the time asked for 7 packets were filtered: capture stores only "not port 443"; 5 packets were ' +
      'beyond the first 1000000 bytes of their flow (capture.cutoff); 3 packets were lost before ' +
      'they were stored; 5 MB of the oldest packets were pruned, some of it early, since something else fills the ' +
      'disk; in 3 minutes nothing captured or counted',
  );
});

test('where nothing was kept out, nothing is said', () => {
  expect(
    explainMissing({ sum: { stored: counts({ offered: 9, stored: 9 }) }, gaps: [] }, { filter: '', cutoff: 0 }),
  ).toBe('');
  expect(explainMissing({ sum: {}, gaps: [] }, { filter: '', cutoff: 0 })).toBe('');
});
