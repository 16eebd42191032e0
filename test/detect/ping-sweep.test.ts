import { expect, test } from 'vitest';
import { SWEPT_HOSTS } from '../../src/detect/ping-sweep.ts';
import { flowAt, seen, times } from './records.ts';

const ping = (i: number, step: number, dest = `10.0.0.${100 + i}`, type = 8) =>
  flowAt(i * step, dest, 0, {}, { proto: 'ICMP', icmp_type: type });

test('many hosts pinged in a minute, though they answer', () => {
  expect(
    seen(
      'ping-sweep',
      times(SWEPT_HOSTS + 5, (i) => ping(i, 1)),
    ),
  ).toEqual(['10.0.0.5 prepare 0.5']);
});

test('near misses: one fewer, slowly, one host, other messages', () => {
  expect(
    seen(
      'ping-sweep',
      times(SWEPT_HOSTS - 1, (i) => ping(i, 1)),
    ),
  ).toEqual([]);
  expect(
    seen(
      'ping-sweep',
      times(60, (i) => ping(i, 10)),
    ),
  ).toEqual([]);
  expect(
    seen(
      'ping-sweep',
      times(60, (i) => ping(i, 1, '10.0.0.9')),
    ),
  ).toEqual([]);
  expect(
    seen(
      'ping-sweep',
      times(60, (i) => ping(i, 1, undefined, 3)),
    ),
  ).toEqual([]);
});
