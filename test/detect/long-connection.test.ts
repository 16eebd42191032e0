import { expect, test } from 'vitest';
import { LONG_SECONDS } from '../../src/detect/long-connection.ts';
import { flowAt, seen } from './records.ts';

const OUT = '198.51.100.9';
const big = { bytes_toserver: 50_000, bytes_toclient: 50_000 };

test('hours on a port that nothing keeps open', () => {
  expect(seen('long-connection', [flowAt(0, OUT, 4455, { ...big, age: LONG_SECONDS })])).toEqual(['10.0.0.5 c2 0.4']);
});

test('near misses: shorter, a port that stays open, inside, hardly a word', () => {
  expect(seen('long-connection', [flowAt(0, OUT, 4455, { ...big, age: LONG_SECONDS - 1 })])).toEqual([]);
  expect(seen('long-connection', [flowAt(0, OUT, 993, { ...big, age: 90_000 })])).toEqual([]);
  expect(seen('long-connection', [flowAt(0, '10.0.0.9', 4455, { ...big, age: 90_000 })])).toEqual([]);
  expect(seen('long-connection', [flowAt(0, OUT, 4455, { age: 90_000, bytes_toclient: 80 })])).toEqual([]);
});
