// The last hour's losses as the board shows them: what nobody counted is said, and never shown as 0.
import { expect, test } from 'vitest';
import { lossLine } from '../../src/console/ledger-hour.ts';
import { sampleLedger } from './sample-ledger.ts';

const NOW = Date.UTC(2026, 10, 24, 12);

test('losses of both paths, with what stands against them', () => {
  expect(lossLine(sampleLedger(NOW))).toBe('Lost 1 h  stored 0 of 10,000, inspected 0 of 10,000');
  const lossy = sampleLedger(
    NOW,
    { lostInCard: 1, lostInRing: 2, notWritten: 4 },
    { lostInRing: 8, invalid: 16, unseenSegments: 35 },
    [{ path: 'inspected', fromMs: NOW - 240_000, toMs: NOW - 120_000, why: '' }],
  );
  expect(lossLine(lossy)).toBe(
    'Lost 1 h  stored 7 of 10,000, inspected 24 of 10,000 (2 min not counted), before the card 10 or more',
  );
});

test('a path that nobody counted is not 0', () => {
  const answer = sampleLedger(NOW);
  expect(lossLine({ ...answer, sum: { stored: answer.sum.stored } })).toContain('inspected not counted');
  expect(lossLine({ ...answer, ever: {} })).toBeUndefined();
  expect(lossLine(undefined)).toBeUndefined();
});
