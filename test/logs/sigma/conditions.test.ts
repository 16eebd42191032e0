import { expect, test } from 'vitest';
import { engineOf, plan, recordOf, ruleYaml } from './small-rules.ts';

/** Whether a record with these letters as fields fits the condition; each letter is a selection, so is filter_x. */
function holds(condition: string, letters: string): boolean {
  const selections = ['a', 'b', 'c', 'filter_x', 'filter_y', '_hidden'].map((name) => `${name}: { ${name}: '1' }`);
  const engine = engineOf(ruleYaml(`{ ${selections.join(', ')}, condition: ${JSON.stringify(condition)} }`));
  return engine.match(recordOf(Object.fromEntries(letters.split(' ').map((name) => [name, '1'])))).length > 0;
}

test.each<[condition: string, fitting: string[], others: string[]]>([
  ['a', ['a'], ['b']],
  ['not a', ['b'], ['a']],
  ['a and b', ['a b'], ['a', 'b']],
  ['a or b', ['a', 'b'], ['c']],
  ['a or b and c', ['a', 'b c'], ['b', 'c']],
  ['(a or b) and c', ['a c', 'b c'], ['a', 'c', 'a b']],
  ['a and not b', ['a'], ['a b', 'c']],
  ['not a and b', ['b'], ['a b', 'a']],
  ['not (a or b)', ['c'], ['a', 'b']],
  ['not not a', ['a'], ['b']],
  ['a AND NOT b OR c', ['a', 'c'], ['a b']],
  ['1 of filter_*', ['filter_x', 'filter_y'], ['a']],
  ['any of filter_*', ['filter_y'], ['a']],
  ['all of filter_*', ['filter_x filter_y'], ['filter_x']],
  ['a and not 1 of filter_*', ['a'], ['a filter_y', 'b']],
  ['1 of *_x', ['filter_x'], ['filter_y']],
  ['1 of f*_*y', ['filter_y'], ['filter_x']],
  ['1 of filter_x', ['filter_x'], ['filter_y']],
  ['1 of them', ['c', 'filter_x'], ['_hidden']],
  ['all of them', ['a b c filter_x filter_y'], ['a b c', 'a b c filter_x _hidden']],
  ['_hidden', ['_hidden'], ['a']],
])('%s', (condition, fitting, others) => {
  for (const letters of fitting) expect([letters, holds(condition, letters)]).toEqual([letters, true]);
  for (const letters of others) expect([letters, holds(condition, letters)]).toEqual([letters, false]);
});

test('several conditions: any of them', () => {
  const engine = engineOf(ruleYaml("{ a: { a: '1' }, b: { b: '1' }, condition: [a, b] }"));
  expect(engine.match(recordOf({ b: '1' }))).toHaveLength(1);
  expect(engine.match(recordOf({ c: '1' }))).toHaveLength(0);
});

test.each<[condition: string, reason: RegExp]>([
  ['nobody', /^condition: no selection is called "nobody"/],
  ['a b', /^condition: "b" is one word too many/],
  ['a and', /^condition: it ends where/],
  ['(a', /^condition: a parenthesis is not closed/],
  ['a)', /^condition: "\)" is one word too many/],
  ['2 of filter_*', /^condition: "2 of" is no quantity/],
  ['1 of nobody*', /^condition: "1 of nobody\*": no selection/],
  ['', /^condition: /],
  [`${'('.repeat(100)}a${')'.repeat(100)}`, /^condition: it is nested deeper/],
  ['a | count() by b > 5', /^aggregation: .*correlation rule/],
  ['a | near b', /^aggregation: /],
])('condition "%s" is refused', (condition, reason) => {
  const { broken } = plan(ruleYaml(`{ a: [x], b: [y], filter_x: [z], condition: ${JSON.stringify(condition)} }`));
  expect(broken.map(({ reason: text }) => text)).toEqual([expect.stringMatching(reason)]);
});

test('a timeframe is of Sigma 1', () => {
  expect(plan(ruleYaml('{ a: [x], timeframe: 5m, condition: a }')).broken[0].reason).toMatch(
    /^aggregation: "timeframe"/,
  );
});

const selects = (selection: string, fields: Record<string, string>, raw?: string) =>
  engineOf(ruleYaml(`{ s: ${selection}, condition: s }`)).match(recordOf(fields, { raw })).length > 0;

test('a map is all of its lines, a list of maps any of them', () => {
  expect(selects('{ a: x, b: y }', { a: 'x', b: 'y' })).toBe(true);
  expect(selects('{ a: x, b: y }', { a: 'x', b: 'z' })).toBe(false);
  expect(selects('[{ a: x, b: y }, { c: z }]', { c: 'z' })).toBe(true);
  expect(selects('[{ a: x, b: y }, { c: z }]', { a: 'x' })).toBe(false);
  expect(selects('[word, { c: z }]', { c: 'z' })).toBe(true);
  expect(selects('[word, { c: z }]', {}, 'a Word here')).toBe(true);
});

test('keywords are sought in the whole message as it came, header included', () => {
  expect(selects("['evil service', 'b*c']", {}, '<13>host app: an EVIL SERVICE')).toBe(true);
  expect(selects("['evil service', 'b*c']", {}, 'a b and c')).toBe(true);
  expect(selects("['evil service']", { f: 'evil service' }, 'nothing')).toBe(false);
  expect(selects("{ '|all': [one, two] }", {}, 'two and one')).toBe(true);
  expect(selects("{ '|all': [one, two] }", {}, 'one')).toBe(false);
  expect(selects("{ '|re': 'o[no]e' }", {}, 'x one x')).toBe(true);
  expect(selects("{ '|cased': One }", {}, 'one')).toBe(false);
  expect(selects("{ '|contains|all': [a, '1'] }", {}, 'x1 a')).toBe(true);
  expect(selects('lonely', {}, 'so LONELY here')).toBe(true);
  expect(selects('[4711]', {}, 'error 4711')).toBe(true);
  expect(selects("['100\\%', '\\*\\*']", {}, 'a ** b')).toBe(true);
});

test('a hit says which selections matched, and by which of their lines', () => {
  const engine = engineOf(
    ruleYaml(
      "{ words: [foo, bar], s: { a|contains: [x, y], b: null }, filter: { c: '1' }, condition: words and s and not filter }",
    ),
  );
  expect(engine.match(recordOf({ a: '-y-' }, { raw: 'some bar' }))[0].matched).toEqual([
    { selection: 'words', because: ['message "*bar*"'] },
    { selection: 's', because: ['a|contains "*y*"', 'b null'] },
  ]);
});
