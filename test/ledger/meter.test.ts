// Counters that start anew, run over, or are other ones than before; and the minutes that their growth falls into.
import { expect, test } from 'vitest';
import { Meter } from '../../src/ledger/meter.ts';
import { MinuteCounter } from '../../src/ledger/minute-counter.ts';

test('a counter counts from its first reading, or from zero where that is known', () => {
  const meter = new Meter();
  expect([meter.grown('a', 500), meter.grown('a', 510), meter.grown('a', 510)]).toEqual([0, 10, 0]);
  meter.beginAtZero('b');
  expect(meter.grown('b', 7)).toBe(7);
});

test('one that went back was reset; near the end of 32 bits it ran over', () => {
  const meter = new Meter();
  meter.grown('a', 1000);
  expect(meter.grown('a', 30)).toBe(30);
  meter.grown('a', 2 ** 32 - 10);
  expect(meter.grown('a', 5)).toBe(15);
  meter.grown('big', 2 ** 40);
  expect(meter.grown('big', 5)).toBe(5);
});

test('one of another process counts whole, though it shows more than the one before', () => {
  const meter = new Meter();
  meter.grown('a', 100);
  expect(meter.grown('a', 150, true)).toBe(150);
});

test('growth falls into the minute of its sample, and a clock that jumps ends the minute', () => {
  const counter = new MinuteCounter(['lost', 'seen']);
  const at = (minute: number, second: number) => minute * 60_000 + second * 1000;
  expect(counter.take(at(10, 30), 0, { seen: 1 })).toBeUndefined();
  expect(counter.take(at(10, 55), 25_000, { seen: 2 })).toBeUndefined();
  expect(counter.take(at(11, 0), 5000, { lost: 4 })).toEqual({ minute: 10, seconds: 25, counts: { lost: 0, seen: 3 } });
  expect(counter.take(at(3, 0), 5000, { seen: 9 }, 'disk full')).toMatchObject({ minute: 11, counts: { lost: 4 } });
  expect(counter.end()).toEqual({ minute: 3, seconds: 5, counts: { lost: 0, seen: 9 }, why: 'disk full' });
  expect(counter.end()).toBeUndefined();
});
