import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLogRuleFile } from '../../../src/logs/sigma/rule/parse-file.ts';
import { parsePlaceholders } from '../../../src/logs/sigma/rule/placeholders.ts';

const parse = (text: string) => parseLogRuleFile({ file: 'f.yml', text }, new Map());

const GOOD = `title: Good
id: 11111111-1111-4111-8111-111111111111
status: test
tags: [attack.t1110]
level: high
logsource: { product: linux, service: sshd, definition: any text }
detection: { words: [a], condition: words }
falsepositives: [none]
own_field: kept for others
`;

test('a rule', () => {
  const { rules, broken } = parse(GOOD);
  expect(broken).toEqual([]);
  expect(rules).toMatchObject([
    {
      kind: 'detection',
      id: '11111111-1111-4111-8111-111111111111',
      title: 'Good',
      level: 'high',
      status: 'test',
      tags: ['attack.t1110'],
      file: 'f.yml',
      line: 1,
      logSource: { product: 'linux', service: 'sshd', category: undefined },
    },
  ]);
});

test('what a rule need not say', () => {
  const [rule] = parse(
    '# head\n\ntitle: Short\nlogsource: { category: dns }\ndetection: { w: x, condition: w }\n',
  ).rules;
  expect(rule).toMatchObject({ id: 'f.yml:3', name: undefined, level: 'medium', tags: [] });
});

test('one bad rule never costs the others, and is named with its line', () => {
  const { rules, broken } = parse(`${GOOD}---\ntitle: Bad\n---\n${GOOD.replace('Good', 'Other')}---\n`);
  expect(rules.map(({ title }) => title)).toEqual(['Good', 'Other']);
  expect(broken).toEqual([
    { file: 'f.yml', line: 11, reason: 'structure: it has neither detection nor correlation', title: 'Bad' },
  ]);
});

test.each<[text: string, line: number, reason: RegExp]>([
  ['title: [', 1, /^yaml: /],
  [`${GOOD}---\nok: 1\n  bad indent: 2\n`, 11, /^yaml: /],
  ['title: a\ntitle: b\n', 2, /^yaml: Map keys must be unique/],
  ['just text', 1, /^structure: /],
  ['[1, 2]', 1, /^structure: /],
  ['logsource: { product: x }\ndetection: { a: x, condition: a }', 1, /^structure: title/],
  ['title: a\ndetection: { a: x, condition: a }', 1, /^structure: logsource names neither/],
  ['title: a\nlogsource: { product: x }\nlevel: bad\ndetection: { a: x, condition: a }', 1, /^structure: level/],
  ['title: a\nlogsource: { product: x }\ndetection: { a: x }', 1, /^condition: detection has no condition/],
  [
    'title: a\nlogsource: { product: x }\ndetection: { a: [[[[[[[[[[x]]]]]]]]]], condition: a }',
    1,
    /^structure: nested deeper.*\(detection.a\)/,
  ],
  [
    'title: a\nlogsource: { product: x }\ndetection: { a: [], condition: a }',
    1,
    /^value: an empty list.*\(detection.a\)/,
  ],
  [
    'title: a\nlogsource: { product: x }\ndetection: { a: {}, condition: a }',
    1,
    /^value: an empty map.*\(detection.a\)/,
  ],
  ['action: global\ntitle: a', 1, /^structure: "action" is of Sigma 1/],
  ['title: a\nfilter: { rules: [x] }', 1, /^structure: Sigma filters are not read/],
  ['title: a\ncorrelation: 7', 1, /^correlation: /],
])('%j is set aside', (text, line, reason) => {
  expect(parse(text).broken).toMatchObject([{ line, reason: expect.stringMatching(reason) }]);
});

test('documents stand for themselves: comments, directives and markers between them are none', () => {
  const { rules, broken } = parse(
    `%YAML 1.2\n# head\n---\n# only a comment\n--- # and one here\n${GOOD}\n---\n\n---\n`,
  );
  expect(broken).toEqual([]);
  expect(rules.map(({ title, line }) => [title, line])).toEqual([['Good', 6]]);
});

test('aliases that multiply, nesting without end and files without end are refused', () => {
  const laughs = [
    'a: &a [x, x]',
    ...'bcdefghijklmnopq'.split('').map((key, i) => {
      const before = String.fromCharCode(97 + i);
      return `${key}: &${key} [*${before}, *${before}, *${before}, *${before}]`;
    }),
  ];
  expect(parse(`${laughs.join('\n')}\ntitle: *q`).broken[0].reason).toMatch(/^yaml: .*alias/i);
  expect(parse('['.repeat(10_000)).broken[0].reason).toMatch(/^yaml: /);
  expect(parse('x'.repeat(2 << 20)).broken[0].reason).toMatch(/^size: /);
});

test('whatever the text, the parser only ever answers', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...GOOD.split('\n'),
      '---',
      'detection:',
      '  a|re: x',
      '  condition: a and (b or not c)',
      '- x',
      '? y',
    ),
    fc.string(),
    fc.string({
      unit: fc.constantFrom('&', '*', '|', '>', '{', '}', '[', ']', ':', ' ', '\n', "'", '"', 'a', '\\', '%'),
    }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const { rules, broken } = parse(pieces.join('\n'));
      for (const { reason, line } of broken) {
        expect(reason).toMatch(/^[a-z ]+: /);
        expect(line).toBeGreaterThan(0);
      }
      for (const { title } of rules) expect(title).not.toBe('');
    }),
    { numRuns: 400 },
  );
});

test('a rule with a part exchanged for anything is read or set aside', () => {
  const value = fc.anything({ withNullPrototype: false, maxDepth: 3 });
  fc.assert(
    fc.property(
      fc.constantFrom('title', 'id', 'level', 'tags', 'logsource', 'detection', 'correlation', 'name'),
      value,
      (key, other) => {
        const rule = { title: 't', logsource: { product: 'x' }, detection: { a: ['x'], condition: 'a' }, [key]: other };
        const text = JSON.stringify(rule, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
        const { rules, broken } = parse(text);
        expect(rules.length + broken.length).toBe(1);
      },
    ),
    { numRuns: 300 },
  );
});

test('placeholders', () => {
  expect(parsePlaceholders('Admins: [root, 7]', 'p.yaml').get('Admins')).toEqual(['root', '7']);
  expect(parsePlaceholders('', 'p.yaml').size).toBe(0);
  expect(() => parsePlaceholders('Admins: root', 'p.yaml')).toThrow(/^placeholders p.yaml: Admins/);
});
