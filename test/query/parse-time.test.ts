import { expect, test } from 'vitest';
import { parseTime } from '../../src/query/parse-time.ts';

const NOW = 1_700_000_000_000_000;

test.each([
  ['now', NOW],
  ['-90s', NOW - 90e6],
  ['-2h', NOW - 7200e6],
  ['1700000000', 1_700_000_000_000_000],
  ['1700000000.25', 1_700_000_000_250_000],
  ['1700000000.123456789', 1_700_000_000_123_456],
  ['2023-11-14T22:13:20Z', NOW],
  ['2023-11-14T22:13:20.000123Z', NOW + 123],
  ['2023-11-14 23:13:20+01:00', NOW],
])('%s', (text, us) => expect(parseTime(text, NOW)).toBe(us));

test.each(['', 'yesterday', '-5', '-5w', '2023-13-01T00:00:00Z', '12:00'])('"%s" is refused', (text) => {
  expect(() => parseTime(text, NOW)).toThrow(/is not a time; write/);
});
