// The row at which the first alert of an attack is to be expected.
import { expect, test } from 'vitest';
import { type AlertRow, firstPlace } from '../../tools/bench/first-row.ts';

const rows = (...ranks: number[]): AlertRow[] => ranks.map((rank) => ({ rank, severity: 1 }));
const byRank = ({ rank }: AlertRow) => -rank;

test.each([
  ['alone', rows(5), rows(), 1],
  ['above all others', rows(5, 9), rows(1, 2), 1],
  ['below two', rows(5), rows(9, 6, 1), 3],
  ['one among three like it: in the middle', rows(5), rows(5, 5), 2],
  ['two among two like them', rows(5, 5), rows(5, 5), 5 / 3],
])('%s', (_how, wanted, others, place) => expect(firstPlace(wanted, others, byRank)).toBeCloseTo(place));

test('nothing wanted, no place', () => expect(firstPlace([], rows(1), byRank)).toBe(Number.POSITIVE_INFINITY));
