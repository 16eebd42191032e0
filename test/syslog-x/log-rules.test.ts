import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { defaultConfig } from '../../src/config/parse.ts';
import { loadLogRuleset } from '../../src/os/log-rule-files.ts';
import { LogRules } from '../../src/syslog-x/log-rules.ts';
import { recordOf } from '../logs/sigma/small-rules.ts';

const RULE = (title: string, word: string) =>
  `title: ${title}\nlevel: high\nlogsource: { category: normalized }\ndetection: { w: [${word}], condition: w }\n`;
const FIRST = `${RULE('User', 'login').replace('title', 'name: seen\ntitle')}---
title: New user
correlation: { type: first_seen, rules: [seen], group-by: [user], timespan: 30d }
`;

let folder: string;
let release: string;
let own: string;
let events: SensorEvent[];
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mss-log-rules-'));
  release = join(folder, 'sigma');
  own = join(folder, 'log-rules');
  events = [];
  warnings = [];
  mkdirSync(join(release, 'rules'), { recursive: true });
  mkdirSync(own);
  writeFileSync(
    join(release, 'log-sources.yaml'),
    'normalized: { logsource: { category: normalized } }\nsources: [{ name: all, when: {}, gives: [{ logsource: { product: test } }] }]',
  );
  writeFileSync(join(release, 'rules', 'a.yml'), RULE('Shipped', 'shipped'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = (logs = {}) => ({ ...defaultConfig().logs, ...logs });
function start(): LogRules {
  const rules = new LogRules({
    load: (logs) => loadLogRuleset({ release, own }, logs),
    append: (event) => events.push(event),
    warn: (text) => warnings.push(text),
    memoryFile: join(folder, 'state', 'log-rules.json'),
  });
  rules.load(config());
  return rules;
}
const say = (rules: LogRules, raw: string, more = {}) => rules.match(recordOf({}, { raw, ...more }));
const signatures = () => events.map((event) => (event.type === 'alert' ? event.eve.alert?.signature : event.type));

test('hits go out as alerts; rules of a person are read from their own folder, folders in it included', () => {
  mkdirSync(join(own, 'deep'));
  writeFileSync(join(own, 'deep', 'b.yaml'), RULE('Own', 'own'));
  writeFileSync(join(own, 'notes.txt'), 'no rule');
  const rules = start();
  for (const raw of ['it is shipped', 'it is own', 'neither']) say(rules, raw);
  expect(signatures()).toEqual(['Shipped', 'Own']);
  expect(rules.counters).toMatchObject({ logAlerts: 2, matchedMessages: 2, suppressedLogAlerts: 0, logRuleReloads: 0 });
  expect(rules.detail).toMatchObject({ rules: 2, correlations: 0, setAside: 0 });
});

test('reload: new, changed and switched-off rules, without a restart', () => {
  const rules = start();
  writeFileSync(join(own, 'b.yml'), RULE('Own', 'own'));
  rules.load(config({ disable: ['file:a.yml'] }));
  for (const raw of ['it is shipped', 'it is own']) say(rules, raw);
  expect(signatures()).toEqual(['Own']);
  expect(rules.counters.logRuleReloads).toBe(1);
  expect(rules.detail).toMatchObject({ rules: 1, off: 1 });
});

test('broken rules are set aside with file, line and reason; the others run', () => {
  writeFileSync(join(own, 'bad.yml'), `${RULE('Fine', 'own')}---\ntitle: [\n`);
  writeFileSync(join(own, 'placeholders.yaml'), 'Admins: none');
  const rules = start();
  say(rules, 'own');
  expect(signatures()).toEqual(['Fine']);
  expect(rules.detail).toMatchObject({
    setAside: 2,
    reasons: { structure: 1, yaml: 1 },
    broken: [{ file: join(own, 'placeholders.yaml') }, { file: 'bad.yml', line: expect.any(Number) }],
  });
  expect(warnings).toEqual([expect.stringMatching(/^2 log rules set aside: .*mss logtest --check/)]);
});

test('rules that cannot be read at all: said, and those until now go on', () => {
  const rules = start();
  rmSync(release, { recursive: true });
  rules.load(config());
  say(rules, 'it is shipped');
  expect(signatures()).toEqual(['Shipped']);
  expect(warnings).toEqual([expect.stringMatching(/cannot read .*log-sources.yaml.*; the log rules until now go on/)]);
});

test('a rule that fits everything is told of so many times a minute, and the rest is counted', () => {
  const rules = start();
  rules.turn(0);
  for (let i = 0; i < 150; i++) say(rules, 'shipped');
  expect(events).toHaveLength(100);
  expect(rules.counters).toMatchObject({ logAlerts: 100, suppressedLogAlerts: 50 });
  rules.turn(60_000);
  say(rules, 'shipped');
  expect(events).toHaveLength(101);
});

test('what correlations remember outlives the service; a damaged memory is said and set aside', () => {
  writeFileSync(join(own, 'first.yml'), FIRST);
  const login = (rules: LogRules, user: string, day: number) =>
    rules.match(recordOf({ user }, { raw: 'login', timeUs: day * 86_400e6 }));
  const before = start();
  login(before, 'x', 20_000);
  before.remember();
  const after = start();
  login(after, 'x', 20_001.5);
  login(after, 'y', 20_001.5);
  expect(signatures()).toEqual(['New user']);
  expect(warnings).toEqual([]);
  const memory = join(folder, 'state', 'log-rules.json');
  writeFileSync(memory, '{');
  const anew = start();
  expect(warnings).toEqual([expect.stringMatching(/log-rules.json: .*; set aside, and log rules begin to count anew/)]);
  expect(readFileSync(`${memory}.damaged`, 'utf8')).toBe('{');
  expect(existsSync(memory)).toBe(false);
  anew.remember();
  expect(existsSync(memory)).toBe(false); // nothing matched since
  login(anew, 'x', 20_002);
  anew.turn(1);
  anew.turn(60_001);
  start();
  expect(warnings).toHaveLength(1);
  expect(existsSync(memory)).toBe(true);
});
