import { expect, test } from 'vitest';
import { readOddLines } from './odd-lines.ts';

test('20,000 mutated lines: none breaks anything, and many are still understood', () => {
  expect(readOddLines(20_000, 7)).toBeGreaterThan(2000);
});
