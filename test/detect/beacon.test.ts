import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BEACON_CONTACTS, findRhythm } from '../../src/detect/beacon.ts';
import { flowAt, recordOf, seen, times } from './records.ts';

const SERVER = '198.51.100.9';
const every = (seconds: number, count: number, jitter = 0) =>
  times(count, (i) => flowAt(i * seconds + (i % 3) * jitter * seconds * 0.5, SERVER, 443));

test('contacts by the clock are seen, once, also with jitter', () => {
  expect(seen('beacon', every(60, 40))).toEqual(['10.0.0.5 c2 0.6']);
  expect(seen('beacon', every(60, 40, 0.3))).toHaveLength(1);
  expect(seen('beacon', every(3, 30))).toHaveLength(1);
});

test('near misses: one fewer, no period, few fast ones, many users, a clock, a failure, an everyday name', () => {
  expect(seen('beacon', every(60, BEACON_CONTACTS - 1))).toEqual([]);
  const person = [0, 3, 4, 9, 40, 41, 200, 210, 212, 600, 630, 1500, 1510, 1511, 3000, 3100, 4000, 4005];
  expect(
    seen(
      'beacon',
      person.map((seconds) => flowAt(seconds, SERVER, 443)),
    ),
  ).toEqual([]);
  expect(seen('beacon', every(3, BEACON_CONTACTS))).toEqual([]);
  const many = times(3, (k) => flowAt(k, SERVER, 443, {}, { src_ip: `10.0.1.${k}` }));
  expect(seen('beacon', [...many, ...every(60, 40)])).toEqual([]);
  expect(
    seen(
      'beacon',
      times(40, (i) => flowAt(i * 60, SERVER, 123, {}, { proto: 'UDP' })),
    ),
  ).toEqual([]);
  expect(
    seen(
      'beacon',
      times(40, (i) => flowAt(i * 60, SERVER, 443, { pkts_toclient: 0 })),
    ),
  ).toEqual([]);
  expect(seen('beacon', [recordOf('tls', { sni: 'update.microsoft.com' }, 0), ...every(60, 40)])).toEqual([]);
});

test('inside, only requests to a bare address count', () => {
  const asks = (hostname: string) =>
    times(20, (i) => recordOf('http', { hostname, url: '/news' }, i * 30, { dest_ip: '10.0.0.9', dest_port: 80 }));
  expect(seen('beacon', asks('10.0.0.9'))).toHaveLength(1);
  expect(seen('beacon', asks('intranet.example'))).toEqual([]);
});

test('the order of contacts makes no difference', () => {
  const timesUs = times(16, (i) => i * 60_000_000 + (i % 4) * 1_000_000);
  const expected = findRhythm(timesUs);
  expect(expected).toBeDefined();
  fc.assert(
    fc.property(fc.shuffledSubarray(timesUs, { minLength: timesUs.length }), (order) => {
      expect(findRhythm(order)).toEqual(expected);
    }),
  );
});
