import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord } from '../../../src/api/log-record.ts';
import { compileRule } from '../../../src/logs/sigma/match/compile-rule.ts';
import { LiteralScanner } from '../../../src/logs/sigma/match/literal-scanner.ts';
import { compilePattern } from '../../../src/logs/sigma/match/match-pattern.ts';
import { compileRegex, requiredText } from '../../../src/logs/sigma/match/regex.ts';
import { parsePattern, renderPattern } from '../../../src/logs/sigma/rule/pattern.ts';
import type { DetectionRule } from '../../../src/logs/sigma/rule/rule.ts';
import { RecordView, SlotTable } from '../../../src/logs/sigma/source/record-view.ts';
import { EVERYTHING, plan, recordOf } from './small-rules.ts';

const letters = (alphabet: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength });

test('patterns mean what a regular expression for them means', () => {
  fc.assert(
    fc.property(letters('ab*?', 8), letters('ab', 10), (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`);
      expect(compilePattern(parsePattern(pattern), (same) => same)(text)).toBe(expression.test(text));
    }),
    { numRuns: 3000 },
  );
});

test('a pattern without escapes reads back as it was written', () => {
  fc.assert(
    fc.property(letters('ab?', 8), (pattern) => {
      expect(renderPattern(parsePattern(pattern))).toBe(pattern);
    }),
  );
});

test('the scanner finds exactly the literals that are there', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(letters('abc', 4).filter(Boolean), { minLength: 1, maxLength: 12 }),
      letters('abcd\u00e9', 40),
      (literals, text) => {
        const found: number[] = [];
        new LiteralScanner(literals).scan(text, found);
        const expected = literals.flatMap((literal, i) => (text.includes(literal) ? [i] : []));
        expect([...new Set(found)].sort((a, b) => a - b)).toEqual(expected);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a literal longer than the table holds is found by its beginning', () => {
  const found: number[] = [];
  new LiteralScanner(['x'.repeat(40), 'y']).scan(`--${'x'.repeat(40)}--`, found);
  expect(found).toContain(0);
  expect(found).not.toContain(1);
});

test.each([
  ['^abc.*def$', '', 'abc'],
  ['ab?cd', '', 'cd'],
  ['abc+d', '', 'abc'],
  ['ab{2,3}cde', '', 'cde'],
  ['a\\.bc', '', '.bc'],
  ['(abc)de', '', 'de'],
  ['abc|de', '', ''],
  ['(?i)abc', '', ''],
  ['[abc]de', '', 'de'],
  ['[]a-]bc[[:alpha:]]d', '', 'bc'],
  ['\\d+xyz', '', 'xyz'],
  ['a\\wxyz', '', 'xyz'],
  ['task', 'i', 'ta'],
])('what every match of %s (%s) holds: "%s"', (source, flags, expected) => {
  expect(requiredText(source, flags)).toBe(expected);
});

test('what a pattern is said to hold, its matches hold', () => {
  const atom = fc.constantFrom('a', 'b', '.', '\\.', '[ab]', '(ab)', '\\d', '^', '$', 'ab', '\\b');
  const part = fc
    .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,1}'))
    .map(([one, many]) => (one === '^' || one === '$' || one === '\\b' ? one : one + many));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), letters('ab.1', 8), (parts, text) => {
      const source = parts.join('');
      if (compileRegex(source, '')(text)) expect(text).toContain(requiredText(source, ''));
    }),
    { numRuns: 3000 },
  );
});

test('with many rules, a record fits exactly those that it fits alone', () => {
  const value = letters('abc*?-', 5);
  const line = fc
    .tuple(
      fc.constantFrom('f', 'g', ''),
      fc.constantFrom(
        '',
        '|contains',
        '|startswith',
        '|endswith',
        '|contains|all',
        '|cased',
        '|windash',
        '|re',
        '|neq',
      ),
      fc.array(value, { minLength: 1, maxLength: 3 }),
    )
    .filter(([field, modifier]) => field !== '' || modifier !== '')
    .map(([field, modifier, values]) => {
      const safe = modifier === '|re' ? values.map((one) => one.replaceAll(/[*?]/g, '.')) : values;
      return `${JSON.stringify(field + modifier)}: ${JSON.stringify(safe)}`;
    });
  const rule = fc.tuple(line, line, fc.constantFrom('a', 'a and b', 'a or b', 'a and not b', 'not a', '1 of them'));
  const yaml = ([a, b, condition]: [string, string, string], i: number) =>
    `title: r${i}\nname: r${i}\nlogsource: { product: test }\ndetection: { a: { ${a} }, b: { ${b} }, condition: ${condition} }\n`;
  // the nodes of a rule alone, without any search for literals
  const decides = (rule: DetectionRule, record: LogRecord) => {
    const view = new RecordView();
    view.show(record, EVERYTHING[0]);
    return compileRule(rule, EVERYTHING[0].gives[0], new SlotTable()).node.fits(view);
  };
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 8 }),
      letters('abcAB-/', 8),
      letters('abc', 6),
      (rules, f, g) => {
        const record = recordOf({ f, g }, { raw: `${f} ${g}` });
        const { matcher, detections } = plan(rules.map(yaml).join('---\n'));
        expect(detections).toHaveLength(rules.length);
        const found = matcher.match(record).map((one) => one.rule.title);
        expect(found.sort()).toEqual(detections.filter((one) => decides(one, record)).map(({ title }) => title));
      },
    ),
    { numRuns: 300 },
  );
});
