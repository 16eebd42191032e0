import { expect, test } from 'vitest';
import { SCAN_WINDOW_US } from '../../src/detect/scan.ts';
import { MOST_SUCCESSES, SLOW_HOSTS, SLOW_WINDOW_US } from '../../src/detect/slow-scan.ts';
import { flowAt, seen, times } from './records.ts';

const STEP = SCAN_WINDOW_US / 1e6 / 5;
const unanswered = { pkts_toserver: 2, pkts_toclient: 0, bytes_toclient: 0 };
const tries = (count: number, step = STEP, port = 445) =>
  times(count, (i) => flowAt(i * step, `198.51.${i >> 8}.${i & 255}`, port, unanswered));

test('many hosts in vain, below any short window', () => {
  expect(seen('slow-scan', tries(SLOW_HOSTS + 20))).toEqual(['10.0.0.5 spread 0.6']);
  expect(seen('scan', tries(SLOW_HOSTS + 20))).toEqual([]);
});

test('near misses: one fewer, slower still, one that often succeeds, the same hosts', () => {
  expect(seen('slow-scan', tries(SLOW_HOSTS - 1))).toEqual([]);
  expect(seen('slow-scan', tries(SLOW_HOSTS + 20, SLOW_WINDOW_US / 1e6 / 30))).toEqual([]);
  const busy = tries(SLOW_HOSTS + 5).flatMap((flow, i) =>
    i % Math.floor(0.8 / MOST_SUCCESSES) === 0 ? [flow, flowAt(i * STEP, '203.0.113.7', 445)] : [flow],
  );
  expect(seen('slow-scan', busy)).toEqual([]);
  expect(
    seen(
      'slow-scan',
      times(200, (i) => flowAt(i * STEP, `198.51.100.${i % 10}`, 445, unanswered)),
    ),
  ).toEqual([]);
});
