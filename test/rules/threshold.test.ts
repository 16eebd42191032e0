// Lines of thresholds and suppressions: taken, put in order, or named with what is wrong.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseThreshold, planThresholds } from '../../src/rules/threshold.ts';

test.each([
  ['suppress gen_id 1, sig_id 5', 'suppress gen_id 1, sig_id 5'],
  [' suppress  gen_id 1 ,sig_id 5,track by_src,ip 10.0.0.1 ', 'suppress gen_id 1, sig_id 5, track by_src, ip 10.0.0.1'],
  [
    'suppress gen_id 1, sig_id 0, track by_either, ip [10.0.0.0/8, !10.1.0.0/16,fc00::/7, $HOME_NET]',
    'suppress gen_id 1, sig_id 0, track by_either, ip [10.0.0.0/8,!10.1.0.0/16,fc00::/7,$HOME_NET]',
  ],
  [
    'threshold gen_id 1, sig_id 5, type both, track by_dst, count 3, seconds 60',
    'threshold gen_id 1, sig_id 5, type both, track by_dst, count 3, seconds 60',
  ],
])('%s', (line, read) => expect(parseThreshold(line)).toBe(read));

test.each([
  ['suppress gen_id 1, sig_id 0', 'every rule'],
  ['suppress gen_id 1, sig_id 0, track by_src, ip 10.0.0.0/99', 'no address'],
  ['suppress gen_id 1, sig_id 5, track by_src, ip [10.0.0.1', 'no address'],
  ['suppress gen_id 1, sig_id 5, track by_src, ip $(id)', 'no address'],
  ['threshold gen_id 1, sig_id 5, type limit, track by_src, count 0, seconds 60', 'is none'],
  ['rate_filter gen_id 1, sig_id 5', 'is none'],
])('%s is refused', (line, why) => expect(() => parseThreshold(line)).toThrow(why));

test('a bad line is named and costs no other; the same one twice is one', () => {
  const good = 'suppress gen_id 1, sig_id 5';
  expect(planThresholds([good, 'suppress all', `${good} `])).toMatchObject({
    lines: [good],
    broken: [{ file: 'ids.thresholds', line: 2, text: 'suppress all' }],
  });
});

test('whatever a line says, it is refused or one line that reads the same again', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'suppress',
      'threshold',
      ' gen_id 1',
      ', ',
      'sig_id 5',
      'track by_src',
      'ip ',
      '10.0.0.0/8',
      '[',
      ']',
    ),
    fc.constantFrom('!', '$HOME_NET', 'type limit', 'count 1', 'seconds 60', '\n', '\\', '"'),
    fc.string({ maxLength: 4 }),
  );
  const line = fc.array(word, { maxLength: 14 }).map((words) => words.join(''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
      const planned = planThresholds(lines);
      for (const good of planned.lines) {
        expect(good).not.toContain('\n');
        expect(parseThreshold(good)).toBe(good);
      }
    }),
  );
});
