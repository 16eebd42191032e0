// Two ledgers become one: a minute that nobody counted is a gap and never a minute without loss.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INSPECTED_COUNTS, type InspectedCounts, STORED_COUNTS, type StoredCounts } from '../../src/api/ledger.ts';
import { renderLedger } from '../../src/console/render-ledger.ts';
import { joinLedgers } from '../../src/ledger/join-ledgers.ts';
import { noCounts } from '../../src/ledger/ledger-minute.ts';
import { noTotal } from '../../src/ledger/ledger-sums.ts';
import { LedgerWriter } from '../../src/ledger/ledger-writer.ts';
import { readLedger } from '../../src/ledger/read-ledger.ts';

const stored = (minute: number, counts: Partial<StoredCounts>, why?: string) => ({
  minute,
  seconds: 60,
  counts: { ...noCounts(STORED_COUNTS), ...counts },
  ...(why === undefined ? {} : { why }),
});
const inspected = (minute: number, counts: Partial<InspectedCounts>) => ({
  minute,
  seconds: 60,
  counts: { ...noCounts(INSPECTED_COUNTS), ...counts },
});

const FIRST = 29_000_000;
const ms = (minute: number) => minute * 60_000;

test('rows, sums and gaps of both paths', () => {
  const answer = joinLedgers(
    { from: FIRST - 100, to: FIRST + 6, mostRows: 3 },
    {
      minutes: [
        stored(FIRST, { offered: 100, lostInCard: 1, received: 99, stored: 99 }),
        stored(FIRST + 1, { offered: 50, notWritten: 50, received: 50 }, 'disk full'),
        { ...stored(FIRST + 3, {}), seconds: 0 },
        stored(FIRST + 5, { offered: 7, stored: 7 }),
      ],
      total: { sinceMinute: FIRST, seconds: 180, counts: { ...noCounts(STORED_COUNTS), offered: 157 } },
    },
    {
      minutes: [inspected(FIRST, { offered: 100, inspected: 98, lostInRing: 2, unseenSegments: 9 })],
      total: { sinceMinute: FIRST, seconds: 60, counts: { ...noCounts(INSPECTED_COUNTS), offered: 100 } },
    },
  );
  expect(answer.fromMs).toBe(ms(FIRST)); // not before the first record
  expect(answer.rows.map(({ fromMs, minutes, stored }) => [fromMs, minutes, stored?.counts.offered])).toEqual([
    [ms(FIRST), 2, 150],
    [ms(FIRST + 2), 2, 0],
    [ms(FIRST + 4), 2, 7],
  ]);
  expect(answer.rows[0].stored).toMatchObject({ seconds: 120, why: 'disk full' });
  expect(answer.gaps).toEqual([
    { path: 'inspected', fromMs: ms(FIRST + 1), toMs: ms(FIRST + 2), why: 'mss-ids did not count' },
    { path: 'stored', fromMs: ms(FIRST + 2), toMs: ms(FIRST + 5), why: expect.stringContaining('the sensor was off') },
    { path: 'inspected', fromMs: ms(FIRST + 2), toMs: ms(FIRST + 5), why: expect.stringContaining('was off') },
    { path: 'inspected', fromMs: ms(FIRST + 5), toMs: ms(FIRST + 6), why: 'mss-ids did not count' },
  ]);
  expect(answer.sum.stored?.counts).toMatchObject({ offered: 157, lostInCard: 1, notWritten: 50 });
  expect(answer.ever).toMatchObject({ sinceMs: ms(FIRST), stored: { counts: { offered: 157 } } });

  const text = renderLedger(answer);
  expect(text).toContain('lost 51 (32 %): 1 in the card, 0 in the ring, 50 not written (disk full)');
  expect(text).toContain('lost 2 (2.0 %): 2 in the ring');
  // nine holes, of which two are the ring's and one the card's
  expect(text).toContain('at least 6 TCP segments were acknowledged and never seen');
  expect(text).toContain('3 of 6 minutes counted');
  expect(text).toContain('stored path: the sensor was off');
});

test('a sensor that never counted has no gaps and no quiet either', () => {
  const none = <N extends string>(names: readonly N[]) => ({ minutes: [], total: noTotal(names) });
  const answer = joinLedgers({ from: 1, to: 100, mostRows: 10 }, none(STORED_COUNTS), none(INSPECTED_COUNTS));
  expect(answer).toMatchObject({ rows: [], gaps: [], ever: { stored: undefined, inspected: undefined } });
  expect(renderLedger(answer)).toContain('Nothing was counted yet');
});

test('from disk: minutes that may not be written yet are not asked for, and a range has bounds', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mss-ledger-'));
  try {
    const dirs = { stored: join(dir, 'a'), inspected: join(dir, 'b') };
    new LedgerWriter(dirs.stored, STORED_COUNTS).append(stored(FIRST, { offered: 5, stored: 5 }));
    const nowMs = ms(FIRST + 3) + 1000;
    const answer = readLedger(dirs, { fromMs: ms(FIRST - 5), toMs: nowMs }, nowMs, 100);
    expect(answer.rows.map(({ stored }) => stored?.counts.offered)).toEqual([5, undefined]);
    expect(answer.gaps.map(({ path, toMs }) => [path, toMs])).toEqual([
      ['inspected', ms(FIRST + 1)],
      ['stored', ms(FIRST + 2)],
      ['inspected', ms(FIRST + 2)],
    ]);
    expect(() => readLedger(dirs, { fromMs: 5, toMs: 5 }, nowMs, 100)).toThrow('ends before it begins');
    expect(() => readLedger(dirs, { fromMs: 0, toMs: nowMs }, nowMs, 100)).toThrow('longer than 40 days');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
