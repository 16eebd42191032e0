import { expect, test } from 'vitest';
import { GroupTable } from '../../../src/logs/sigma/correlate/group-table.ts';
import { LogRuleEngine } from '../../../src/logs/sigma/engine.ts';
import { engineOf, NOON_US, plan, recordOf } from './small-rules.ts';

const BASE = ['a', 'b', 'c']
  .map(
    (name) =>
      `title: ${name}\nname: ${name}\nlogsource: { product: test }\ndetection: { s: { ${name}: '1' }, condition: s }\n`,
  )
  .join('---\n');

const withCorrelation = (section: string, head = 'title: found') => `${BASE}---\n${head}\ncorrelation: ${section}\n`;

/** What is alerted when records come: [second, fields, alerts]. */
function alertsOf(engine: LogRuleEngine, steps: readonly [second: number, fields: Record<string, string>][]): number[] {
  return steps.flatMap(([second, fields]) => {
    const hits = engine.match(recordOf(fields, { timeUs: NOON_US + second * 1e6 }));
    return hits.some(({ rule }) => rule.title === 'found') ? [second] : [];
  });
}

const a = (user = 'u', more: Record<string, string> = {}) => ({ a: '1', user, ...more });
const b = (user = 'u', more: Record<string, string> = {}) => ({ b: '1', user, ...more });
const c = (user = 'u') => ({ c: '1', user });

test('event_count: so many of a group within the timespan, told of once', () => {
  const engine = engineOf(
    withCorrelation('{ type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: { gte: 3 } }'),
  );
  expect(
    alertsOf(engine, [
      [0, a()],
      [1, a('other')],
      [2, a()],
      [3, b()],
      [10, a()],
      [11, a()],
      [12, a()],
    ]),
  ).toEqual([10]);
  // ... and again when it still goes on a timespan later
  expect(
    alertsOf(
      engine,
      [13, 15, 17, 19, 21].map((second) => [second, a()]),
    ),
  ).toEqual([21]);
});

test('event_count: the ends of the timespan are in it, and the order of arrival does not matter', () => {
  const yaml = withCorrelation(
    '{ type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: { gt: 2 } }',
  );
  expect(
    alertsOf(
      engineOf(yaml),
      [0, 5, 10].map((second) => [second, a()]),
    ),
  ).toEqual([10]);
  expect(
    alertsOf(
      engineOf(yaml),
      [0, 5, 11].map((second) => [second, a()]),
    ),
  ).toEqual([]);
  expect(
    alertsOf(
      engineOf(yaml),
      [5, 12, 3].map((second) => [second, a()]),
    ),
  ).toEqual([3]);
});

test('event_count over several rules, and without group-by', () => {
  const engine = engineOf(withCorrelation('{ type: event_count, rules: [a, b], timespan: 1m, condition: { eq: 2 } }'));
  // an exact count is known when the time is over
  expect(
    alertsOf(engine, [
      [0, a('x')],
      [1, b('y')],
      [61, c()],
    ]),
  ).toEqual([61]);
  const many = engineOf(withCorrelation('{ type: event_count, rules: [a, b], timespan: 1m, condition: { gte: 2 } }'));
  expect(
    alertsOf(many, [
      [0, a('x')],
      [1, b('y')],
    ]),
  ).toEqual([1]);
});

test.each<[condition: string, counts: number[]]>([
  ['{ lt: 3 }', [1, 2]],
  ['{ lte: 3 }', [1, 2, 3]],
  ['{ eq: 2 }', [2]],
  ['{ gt: 1, lt: 4 }', [2, 3]],
])('event_count that must not pass a limit: %s', (condition, counts) => {
  const found = [1, 2, 3, 4, 5].filter((count) => {
    const engine = engineOf(
      withCorrelation(`{ type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: ${condition} }`),
    );
    const events = Array.from({ length: count }, (_, i): [number, Record<string, string>] => [i, a()]);
    return alertsOf(engine, [...events, [100, c('later')]]).length > 0;
  });
  expect(found).toEqual(counts);
});

test('value_count: different values, however often each', () => {
  const yaml = withCorrelation(
    '{ type: value_count, rules: [a], group-by: [user], timespan: 10s, condition: { field: host, gte: 3 } }',
  );
  const at = (second: number, host: string): [number, Record<string, string>] => [second, a('u', { host })];
  expect(alertsOf(engineOf(yaml), [at(0, 'x'), at(1, 'x'), at(2, 'y'), at(3, 'y'), at(4, 'z')])).toEqual([4]);
  expect(alertsOf(engineOf(yaml), [at(0, 'x'), at(6, 'y'), at(12, 'z')])).toEqual([]);
  expect(alertsOf(engineOf(yaml), [at(0, 'x'), at(6, 'y'), at(8, 'x'), at(12, 'z')])).toEqual([12]);
});

test('value_count of several fields together, and with an upper limit', () => {
  const pairs = engineOf(
    withCorrelation('{ type: value_count, rules: [a], timespan: 10s, condition: { field: [host, port], gte: 2 } }'),
  );
  const at = (second: number, host: string, port: string): [number, Record<string, string>] => [
    second,
    a('u', { host, port }),
  ];
  expect(alertsOf(pairs, [at(0, 'x', '1'), at(1, 'x', '1'), at(2, 'x', '2')])).toEqual([2]);
  const few = withCorrelation('{ type: value_count, rules: [a], timespan: 10s, condition: { field: host, lt: 3 } }');
  expect(alertsOf(engineOf(few), [at(0, 'x', ''), at(1, 'y', ''), at(2, 'y', ''), [20, c()]])).toEqual([20]);
  expect(alertsOf(engineOf(few), [at(0, 'x', ''), at(1, 'y', ''), at(2, 'z', ''), [20, c()]])).toEqual([]);
});

test('temporal: all rules within the timespan, in any order', () => {
  const yaml = withCorrelation('{ type: temporal, rules: [a, b, c], group-by: [user], timespan: 10s }');
  expect(
    alertsOf(engineOf(yaml), [
      [0, c()],
      [5, a()],
      [10, b()],
    ]),
  ).toEqual([10]);
  expect(
    alertsOf(engineOf(yaml), [
      [0, c()],
      [5, a()],
      [11, b()],
    ]),
  ).toEqual([]);
  expect(
    alertsOf(engineOf(yaml), [
      [0, c()],
      [5, a()],
      [6, b('other')],
    ]),
  ).toEqual([]);
  const two = withCorrelation('{ type: temporal, rules: [a, b, c], timespan: 10s, condition: { gte: 2 } }');
  expect(
    alertsOf(engineOf(two), [
      [0, c()],
      [5, c()],
      [6, a()],
    ]),
  ).toEqual([6]);
});

test('temporal_ordered: in the order of the list only', () => {
  const yaml = withCorrelation('{ type: temporal_ordered, rules: [a, b, c], group-by: [user], timespan: 10s }');
  expect(
    alertsOf(engineOf(yaml), [
      [0, a()],
      [5, b()],
      [10, c()],
    ]),
  ).toEqual([10]);
  expect(
    alertsOf(engineOf(yaml), [
      [0, b()],
      [5, a()],
      [10, c()],
    ]),
  ).toEqual([]);
  expect(
    alertsOf(engineOf(yaml), [
      [0, a()],
      [5, b()],
      [11, c()],
    ]),
  ).toEqual([]);
  // a newer beginning counts
  expect(
    alertsOf(engineOf(yaml), [
      [0, a()],
      [4, a()],
      [5, b()],
      [11, c()],
    ]),
  ).toEqual([11]);
});

test('temporal_ordered: one event is not two of a kind', () => {
  const yaml = withCorrelation('{ type: temporal_ordered, rules: [a, a, b], timespan: 1m }');
  expect(
    alertsOf(engineOf(yaml), [
      [0, a()],
      [1, b()],
    ]),
  ).toEqual([]);
  expect(
    alertsOf(engineOf(yaml), [
      [0, a()],
      [1, a()],
      [2, b()],
    ]),
  ).toEqual([2]);
});

test('aliases: the same thing under another name in each rule', () => {
  const engine = engineOf(
    withCorrelation(
      '{ type: temporal, rules: [a, b], group-by: [who], timespan: 1m, aliases: { who: { a: user, b: account } } }',
    ),
  );
  expect(
    alertsOf(engine, [
      [0, a('eve')],
      [1, b('eve', { account: 'bob' })],
      [2, b('bob', { account: 'eve' })],
    ]),
  ).toEqual([2]);
});

test('a chain: a correlation counts another, by fields of its own', () => {
  const yaml = `${withCorrelation(
    '{ type: event_count, rules: [a], group-by: [host, user], timespan: 1m, condition: { gte: 2 } }',
    'title: many\nname: many',
  )}---
title: found
correlation: { type: temporal_ordered, rules: [many, b], group-by: [user], timespan: 1m }
`;
  const steps: [number, Record<string, string>][] = [
    [0, a('u', { host: 'x' })],
    [1, a('u', { host: 'x' })],
    [2, b('u', { host: 'y' })],
  ];
  expect(alertsOf(engineOf(yaml), steps)).toEqual([2]);
  expect(alertsOf(engineOf(yaml), steps.slice(1))).toEqual([]);
});

test('a hit says of which group, how much and since when', () => {
  const engine = engineOf(
    withCorrelation('{ type: event_count, rules: [a], group-by: [user, a], timespan: 1m, condition: { gte: 2 } }'),
  );
  engine.match(recordOf(a()));
  const [hit] = engine.match(recordOf(a(), { timeUs: NOON_US + 3e6 }));
  expect(hit.correlated).toEqual({ group: { user: 'u', a: '1' }, count: 2, firstUs: NOON_US, lastUs: NOON_US + 3e6 });
});

test('rules that are counted raise no alert of their own, unless one that counts them says generate', () => {
  const section = (generate: boolean) =>
    withCorrelation(`{ type: event_count, rules: [a], timespan: 1m, condition: { gte: 5 }, generate: ${generate} }`);
  expect(engineOf(section(false)).match(recordOf(a()))).toEqual([]);
  expect(engineOf(section(true)).match(recordOf(a()))).toHaveLength(1);
  expect(engineOf(section(false)).match(recordOf(b()))).toHaveLength(1);
});

test('first_seen: after a day of learning, a group that was not there within the timespan', () => {
  const engine = engineOf(withCorrelation('{ type: first_seen, rules: [a], group-by: [user], timespan: 30d }'));
  const day = 86_400;
  expect(
    alertsOf(engine, [
      [0, a('x')],
      [100, a('y')],
      [day + 1, a('y')],
      [day + 2, a('z')],
      [day + 3, a('z')],
      [40 * day, a('y')],
    ]),
  ).toEqual([day + 2, 40 * day]);
});

test('new rules: a correlation that did not change goes on where it was, another begins anew', () => {
  const yaml = (gte: number) =>
    withCorrelation(
      `{ type: event_count, rules: [a], timespan: 1m, condition: { gte: ${gte} } }`,
      'title: found\nid: f',
    );
  const first = engineOf(yaml(3));
  alertsOf(first, [
    [0, a()],
    [1, a()],
  ]);
  expect(alertsOf(new LogRuleEngine(plan(yaml(3)), first), [[2, a()]])).toEqual([2]);
  expect(alertsOf(new LogRuleEngine(plan(yaml(2)), first), [[3, a()]])).toEqual([]);
});

test('events without the field to group by are counted, not grouped', () => {
  const engine = engineOf(
    withCorrelation('{ type: event_count, rules: [a], group-by: [nothing], timespan: 1m, condition: { gte: 1 } }'),
  );
  expect(
    alertsOf(engine, [
      [0, a()],
      [1, a()],
    ]),
  ).toEqual([]);
  expect(engine.ungroupedEvents).toBe(2);
});

test('memory is bounded: the group that was quiet longest is forgotten, and counted', () => {
  const table = new GroupTable(() => ({ lastUs: 0, size: 1 }), 1e9, 10);
  const isKnown = (key: string) => table.groups.has(key);
  for (const [at, key] of ['v', 'w', 'x', 'y', 'z', 'v', 'new'].entries()) table.update(key, at, () => {});
  expect(['v', 'w', 'x', 'y', 'z', 'new'].filter(isKnown)).toEqual(['v', 'x', 'y', 'z', 'new']);
  expect(table.droppedGroups).toBe(1);
  // one that grows stays while others go, and at last is alone
  const large = { lastUs: 0, size: 100 };
  table.restore('large', large);
  expect([...table.groups.keys()]).toEqual(['large']);
  expect(table.droppedGroups).toBe(6);
  table.update('k'.repeat(5000), 7, () => {});
  expect([...table.groups.keys()].map(({ length }) => length)).toEqual([1024]);
});

test('groups whose time is over are forgotten without being counted as dropped', () => {
  const engine = engineOf(
    withCorrelation('{ type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: { gte: 5 } }'),
  );
  for (let i = 0; i < 1000; i++) engine.match(recordOf(a(String(i)), { timeUs: NOON_US + i * 1e6 }));
  expect(engine.groupCount).toBeLessThan(15);
  expect(engine.droppedGroups).toBe(0);
});

test.each<[section: string, reason: RegExp]>([
  ['{ type: value_avg, rules: [a], timespan: 1m }', /^correlation: type "value_avg" is not one of event_count/],
  ['{ type: event_count, rules: [a], timespan: 1m }', /event_count needs a condition/],
  ['{ type: event_count, rules: [a], timespan: 90, condition: { gte: 1 } }', /^correlation: correlation.timespan/],
  ['{ type: event_count, rules: [a], timespan: 1w, condition: { gte: 1 } }', /must be a number and s, m, h or d/],
  ['{ type: event_count, rules: [a], timespan: 1m, condition: { about: 1 } }', /correlation.condition/],
  ['{ type: event_count, rules: [a], timespan: 1m, condition: { gte: 1000000 } }', /correlation.condition.gte/],
  ['{ type: event_count, rules: [a], timespan: 1m, condition: { gt: 5, lt: 5 } }', /no count of events fits/],
  ['{ type: event_count, rules: [a], timespan: 1m, condition: { gte: 0 } }', /holds for any count/],
  [
    '{ type: event_count, rules: [a], timespan: 1m, condition: { field: x, gte: 2 } }',
    /value_count needs condition.field/,
  ],
  ['{ type: value_count, rules: [a], timespan: 1m, condition: { gte: 2 } }', /value_count needs condition.field/],
  [
    '{ type: temporal, rules: [a, b], timespan: 1m, condition: { lt: 2 } }',
    /temporal cannot ask that rules be missing/,
  ],
  ['{ type: temporal_ordered, rules: [a, b], timespan: 1m, condition: { gte: 1 } }', /temporal_ordered wants all/],
  ['{ type: first_seen, rules: [a], timespan: 1m }', /first_seen needs group-by/],
  ['{ type: temporal, rules: [], timespan: 1m }', /correlation.rules/],
  ['{ type: temporal, rules: [a, nobody], timespan: 1m }', /no rule that runs has the id or name "nobody"/],
  ['{ type: temporal, rules: [a, found], timespan: 1m }', /it counts itself/],
])('%s is refused', (section, reason) => {
  const { broken, detections } = plan(withCorrelation(section, 'title: found\nname: found'));
  expect(broken.map(({ reason: text }) => text)).toEqual([expect.stringMatching(reason)]);
  expect(detections).toHaveLength(3);
});
