// What correlations remember over a restart: with one in between, the same alerts come as without.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GroupMemory, parseMemories, renderMemories } from '../../../src/logs/sigma/correlate/memory.ts';
import type { LogRuleEngine } from '../../../src/logs/sigma/engine.ts';
import { engineOf, NOON_US, recordOf } from './small-rules.ts';

const BASE = ['a', 'b']
  .map(
    (name) =>
      `title: ${name}\nname: ${name}\nlogsource: { product: test }\ndetection: { s: { ${name}: '1' }, condition: s }\n`,
  )
  .join('---\n');
const rules = (section: string) => `${BASE}---\ntitle: found\nid: f\ncorrelation: ${section}\n`;

type Step = [second: number, fields: Record<string, string>];

function alertsOf(engine: LogRuleEngine, steps: readonly Step[]): string[] {
  return steps.flatMap(([second, fields]) =>
    engine
      .match(recordOf(fields, { timeUs: NOON_US + second * 1e6 }))
      .filter(({ rule }) => rule.title === 'found')
      .map(({ correlated }) => `${second} ${JSON.stringify(correlated)}`),
  );
}

function restarted(engine: LogRuleEngine, yaml: string): LogRuleEngine {
  const after = engineOf(yaml);
  after.restore(engine.remember(1e6).text);
  return after;
}

test.each([
  '{ type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: { gte: 3 } }',
  '{ type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: { gte: 2, lte: 3 } }',
  '{ type: value_count, rules: [a], group-by: [user], timespan: 10s, condition: { field: port, gte: 3 } }',
  '{ type: value_count, rules: [a], group-by: [user], timespan: 10s, condition: { field: port, lt: 3 } }',
  '{ type: temporal, rules: [a, b], group-by: [user], timespan: 5s }',
  '{ type: temporal_ordered, rules: [a, b, a], group-by: [user], timespan: 10s }',
  '{ type: first_seen, rules: [a], group-by: [user], timespan: 8s }',
])('%s: a restart anywhere changes nothing', (section) => {
  const yaml = rules(section);
  const event = fc.record({
    after: fc.nat(3),
    rule: fc.constantFrom('a', 'b'),
    user: fc.constantFrom('x', 'y"\u00e9'),
    port: fc.constantFrom('1', '2', '3'),
  });
  let found = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 5, maxLength: 30 }), fc.nat(30), (events, at) => {
      let second = 0;
      const steps = events.map(({ after, rule, ...fields }): Step => {
        second += after;
        return [second, { [rule]: '1', ...fields }];
      });
      const wanted = alertsOf(engineOf(yaml), steps);
      const before = engineOf(yaml);
      const first = alertsOf(before, steps.slice(0, at));
      expect([...first, ...alertsOf(restarted(before, yaml), steps.slice(at))]).toEqual(wanted);
      found += wanted.length;
    }),
    { numRuns: 60 },
  );
  expect(found).toBeGreaterThan(10);
});

test('a rule that means something else by now begins anew', () => {
  const counting = (gte: number) =>
    rules(`{ type: event_count, rules: [a], timespan: 1m, condition: { gte: ${gte} } }`);
  const before = engineOf(counting(3));
  alertsOf(before, [
    [0, { a: '1' }],
    [1, { a: '1' }],
  ]);
  expect(alertsOf(restarted(before, counting(3)), [[2, { a: '1' }]])).toHaveLength(1);
  expect(alertsOf(restarted(before, counting(2)), [[2, { a: '1' }]])).toEqual([]);
});

test('within the bytes allowed small ones are whole, of a large one the newest groups stay, and the rest is counted', () => {
  const remembering = (id: string, groupCount: number) => ({
    id,
    meaning: 'm',
    sinceUs: undefined,
    groupCount,
    *newestFirst(): Iterable<GroupMemory> {
      for (let i = groupCount - 1; i >= 0; i--) yield { key: `${i}`, lastUs: i, moments: [] };
    },
  });
  const { text, forgottenGroups } = renderMemories([remembering('large', 10_000), remembering('small', 5)], 20_000);
  expect(text.length).toBeLessThan(20_500);
  const memories = parseMemories(text);
  expect(memories.get('small')?.groups).toHaveLength(5);
  const kept = memories.get('large')!.groups;
  expect(kept.length).toBeGreaterThan(300);
  expect(kept[0].key).toBe('9999');
  expect(forgottenGroups).toBe(10_000 - kept.length);
});

test.each([
  ['{', /no memory of log rules: .*JSON/],
  ['[]', /no memory of log rules: /],
  ['{"version":2,"correlations":{}}', /version/],
  ['{"version":1,"correlations":{"f":{"meaning":"","groups":[{"key":1}]}}}', /correlations\.f\.groups\.0\.key/],
])('%s is refused with where it is wrong', (text, why) => {
  expect(() => parseMemories(text)).toThrow(why);
});
