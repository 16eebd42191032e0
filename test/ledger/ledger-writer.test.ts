// A ledger's folder over days, restarts, torn lines and lost files: each minute is counted once, whatever happens.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMinutes, readTotal } from '../../src/ledger/ledger-sums.ts';
import { LedgerWriter } from '../../src/ledger/ledger-writer.ts';

const NAMES = ['seen', 'lost'] as const;
const DAY = 1440;
const FIRST = 20_000 * DAY;

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'mss-ledger-')), 'ledger');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

const minute = (number: number, seen: number, seconds = 60) => ({ minute: number, seconds, counts: { seen, lost: 0 } });
const total = () => readTotal(dir, NAMES);

function append(...minutes: ReturnType<typeof minute>[]): void {
  const writer = new LedgerWriter(dir, NAMES);
  for (const one of minutes) expect(writer.append(one)).toBeUndefined();
}

test('what was written is read again; two pieces of a minute are one', () => {
  append(minute(FIRST, 5), minute(FIRST + 1, 6, 20));
  append(minute(FIRST + 1, 1, 30), { ...minute(FIRST + 2, 0), counts: { seen: 0, lost: 3 } });
  expect(readMinutes(dir, NAMES, FIRST, FIRST + 3)).toEqual([
    minute(FIRST, 5),
    minute(FIRST + 1, 7, 50),
    { minute: FIRST + 2, seconds: 60, counts: { seen: 0, lost: 3 } },
  ]);
  expect(readMinutes(dir, NAMES, FIRST + 1, FIRST + 2)).toHaveLength(1);
  expect(total()).toEqual({ sinceMinute: FIRST, seconds: 170, counts: { seen: 12, lost: 3 } });
  expect(statSync(join(dir, readdirSync(dir)[0])).mode & 0o777).toBe(0o644);
});

test('a torn last line is cut off, and costs that minute only', () => {
  append(minute(FIRST, 5));
  appendFileSync(join(dir, '2024-10-04.ndjson'), '{"minute":288000');
  expect(total().counts.seen).toBe(5);
  append(minute(FIRST + 2, 7));
  expect(readMinutes(dir, NAMES, FIRST, FIRST + 9).map(({ counts }) => counts.seen)).toEqual([5, 7]);
});

test('minutes are kept for a month, and sums for ever; a clock set back counts too', () => {
  const days = Array.from({ length: 50 }, (_, i) => minute(FIRST + i * DAY, 1));
  append(...days);
  expect(readdirSync(dir)).toHaveLength(34); // the day that is written, 32 that are over, and the sums
  expect(total()).toEqual({ sinceMinute: FIRST, seconds: 3000, counts: { seen: 50, lost: 0 } });
  append(minute(FIRST + 40 * DAY + 5, 10), minute(FIRST + 49 * DAY + 5, 100), minute(FIRST + 3 * DAY, 1000));
  expect(total().counts.seen).toBe(1160);
  append(minute(FIRST + 50 * DAY, 1));
  expect(total().counts.seen).toBe(1161);
  expect(readdirSync(dir).length).toBeLessThan(36);
});

test('a machine that stopped between writing sums and deleting a day counts that day once', () => {
  append(...Array.from({ length: 33 }, (_, i) => minute(FIRST + i * DAY, 1)));
  const oldest = join(dir, '2024-10-04.ndjson');
  const line = readFileSync(oldest);
  append(minute(FIRST + 33 * DAY, 1));
  expect(readdirSync(dir)).not.toContain('2024-10-04.ndjson');
  writeFileSync(oldest, line);
  expect(total().counts.seen).toBe(34);
  append(minute(FIRST + 34 * DAY, 1));
  expect(total().counts.seen).toBe(35);
});

test('sums that are damaged are made anew from the days that are left', () => {
  append(minute(FIRST, 5), minute(FIRST + DAY, 6));
  writeFileSync(join(dir, 'sums.json'), '{"before":{"sec');
  expect(total().counts.seen).toBe(11);
});

test('a folder that cannot be made is said, and its minutes are written later', () => {
  writeFileSync(dir, 'in the way');
  const writer = new LedgerWriter(dir, NAMES);
  expect(writer.append(minute(FIRST, 5))).toContain('cannot write the ledger');
  rmSync(dir);
  expect(writer.append(minute(FIRST + 1, 6))).toBeUndefined();
  expect(total().counts.seen).toBe(11);
});
