import { expect, test } from 'vitest';
import { parseLogRulePick } from '../../../src/logs/sigma/choose.ts';
import { countRefusals, type LogRulesInput, planLogRuleset } from '../../../src/logs/sigma/ruleset.ts';
import { parseLogSources } from '../../../src/logs/sigma/source/log-source.ts';
import { EVERYTHING, engineOf, plan, recordOf, titles } from './small-rules.ts';

const rule = (title: string, more = '') =>
  `title: ${title}\n${more}logsource: { product: test }\ndetection: { s: { f: x }, condition: s }\n`;

const planFiles = (texts: Record<string, string>[], input: Partial<LogRulesInput> = {}) =>
  planLogRuleset({
    texts: texts.map((files) => Object.entries(files).map(([file, text]) => ({ file, text }))),
    definitions: EVERYTHING,
    ...input,
  });

test("a person's rule replaces the one with its id that came with the sensor", () => {
  const { detections, broken } = planFiles([{ 'a.yml': rule('Old', 'id: i\n') }, { 'b.yml': rule('New', 'id: i\n') }]);
  expect(detections.map(({ title }) => title)).toEqual(['New']);
  expect(broken).toEqual([]);
});

test('two rules of one source with the same id: the first runs, the other is named', () => {
  const { detections, broken } = planFiles([{ 'a.yml': rule('One', 'id: i\n'), 'b.yml': rule('Two', 'id: i\n') }]);
  expect(detections.map(({ title }) => title)).toEqual(['One']);
  expect(broken).toMatchObject([{ file: 'b.yml', title: 'Two', reason: 'duplicate: its id is that of a.yml:1' }]);
});

test('broken files and rules cost the others nothing', () => {
  const { detections, broken } = planFiles([
    { 'bad.yml': 'title: [', 'good.yml': rule('Good'), 'regex.yml': rule('Regex').replace('f: x', "f|re: '(?=x)'") },
  ]);
  expect(detections.map(({ title }) => title)).toEqual(['Good']);
  expect(countRefusals(broken)).toEqual([
    ['yaml', 1],
    ['regular expression', 1],
  ]);
});

test('a rule for logs that are not read here is set aside, and says for which', () => {
  const { broken } = plan(rule('Far').replace('product: test', 'product: cloud, service: audit'));
  expect(broken[0].reason).toBe('log source: no log that is read here is product=cloud service=audit');
});

test('enable and disable: words that pick, and rules that are off by their own status', () => {
  const yaml = [
    rule('Plain', 'id: p\n'),
    rule('Low', 'id: l\nlevel: low\n'),
    rule('Old', 'id: o\nstatus: deprecated\n'),
    rule('Talkative', 'id: t\nlevel: informational\n'),
  ].join('---\n');
  const loaded = (input: Partial<LogRulesInput>) => plan(yaml, input).detections.map(({ title }) => title);
  const alerting = (input: Partial<LogRulesInput>) => [...plan(yaml, input).alerting].map(({ title }) => title);
  expect(loaded({})).toEqual(['Plain', 'Low', 'Talkative']);
  expect(alerting({})).toEqual(['Plain', 'Low']);
  expect(plan(yaml).off).toBe(1);
  expect(loaded({ disable: ['p', 'level:low'] })).toEqual(['Talkative']);
  expect(loaded({ disable: ['file:rules*'], enable: ['p'] })).toEqual(['Plain']);
  expect(loaded({ enable: ['status:deprecated'] })).toContain('Old');
  expect(alerting({ enable: ['t'] })).toContain('Talkative');
});

test('a word that picks nothing is set aside, and the others count', () => {
  const { broken, detections } = plan(rule('Plain', 'id: p\n'), { disable: ['two words', 'p'] });
  expect(detections).toEqual([]);
  expect(broken).toMatchObject([
    { file: 'logs.disable', reason: expect.stringMatching(/^choice: "two words" picks no/) },
  ]);
});

test.each<[word: string, picks: boolean]>([
  ['the-id', true],
  ['the_name', true],
  ['other', false],
  ['file:sub/*.yml', true],
  ['file:*.yaml', false],
  ['level: high', true],
  ['level:low', false],
  ['status:test', true],
  ['product:linux', true],
  ['service:sshd', true],
  ['category:dns', false],
])('%s', (word, picks) => {
  const [one] = planFiles(
    [
      {
        'sub/a.yml': rule('R', 'id: the-id\nname: the_name\nlevel: high\nstatus: test\n').replace(
          '{ product: test }',
          '{ product: linux, service: sshd }',
        ),
      },
    ],
    {
      definitions: parseLogSources(
        'normalized: { logsource: { category: n } }\nsources: [{ name: s, when: {}, gives: [{ logsource: { product: linux, service: sshd } }] }]',
        'test',
      ),
    },
  ).detections;
  expect(parseLogRulePick(word)(one)).toBe(picks);
});

test('a correlation whose rule was set aside or switched off goes with it, and so does what counts that', () => {
  const yaml = `${rule('Base', 'id: base\n')}---
title: First
name: first
correlation: { type: event_count, rules: [base], timespan: 1m, condition: { gte: 2 } }
---
title: Second
correlation: { type: temporal, rules: [first], timespan: 1m }
`;
  expect(plan(yaml).correlations).toHaveLength(2);
  const { correlations, broken } = plan(yaml, { disable: ['base'] });
  expect(correlations).toEqual([]);
  expect(broken.map(({ title }) => title)).toEqual(['First', 'Second']);
});

test('a rule that fits under several names of a source is one hit', () => {
  const definitions = parseLogSources(
    `normalized: { logsource: { category: n } }
sources:
  - name: s
    when: {}
    gives:
      - { logsource: { product: linux, service: a }, where: { k: ['1'] } }
      - { logsource: { product: linux, service: b }, where: { f: [x] } }
`,
    'test',
  );
  const engine = engineOf(rule('Once').replace('product: test', 'product: linux'), { definitions });
  expect(titles(engine.match(recordOf({ f: 'x', k: '1' })))).toEqual(['Once']);
  expect(titles(engine.match(recordOf({ f: 'x', k: '2' })))).toEqual(['Once']);
  expect(titles(engine.match(recordOf({ f: 'y', k: '2' })))).toEqual([]);
});
