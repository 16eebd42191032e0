import { expect, test } from 'vitest';
import { diffRulesets } from '../../src/rules/diff.ts';
import { parseEngineVerdict } from '../../src/rules/engine-verdict.ts';
import { parseMatcher } from '../../src/rules/matcher.ts';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';

const rule = (sid: number, rev = 1, more = '') =>
  `alert tcp any any -> any any (msg:"rule ${sid}"; ${more} sid:${sid}; rev:${rev};)\n`;
const source = (file: string, text: string) => ({ file, text });
const sids = (set: ReturnType<typeof planRuleset>) => enabledRules(set).map(({ sid, rev }) => `${sid}:${rev}`);

test('of two rules with one gid:sid the higher rev wins, wherever it stands; at equal rev the later file', () => {
  const old = source('old.rules', rule(1, 3) + rule(2, 1));
  const fresh = source('new.rules', rule(1, 2) + rule(2, 1, 'nocase;'));
  for (const order of [
    [old, fresh],
    [fresh, old],
  ]) {
    const set = planRuleset(order);
    expect(sids(set)).toEqual(['1:3', '2:1']);
    expect(set.superseded).toBe(2);
  }
  expect(planRuleset([old, fresh]).rules.get('1:2')?.text).toContain('nocase');
});

test.each([
  ['1', ['2:1', '3:1']],
  ['1:2', ['1:1', '3:1']],
  ['group:a.rules', ['3:1']],
  ['group:a', ['3:1']],
  ['filename:*.rules', []],
  ['re:rule [12]"', ['3:1']],
  ['metadata:phase c2', ['1:1', '2:1']],
  ['classtype:web-application-attack', ['1:1', '3:1']],
])('disable %s', (matcher, left) => {
  const texts = [
    source('a.rules', rule(1) + rule(2, 1, 'classtype:web-application-attack;')),
    source('b.rules', rule(3, 1, 'metadata:phase c2;')),
  ];
  expect(sids(planRuleset(texts, { disable: [matcher] }))).toEqual(left);
  expect(sids(planRuleset(texts, { disable: [matcher], enable: ['re:.'] }))).toEqual(['1:1', '2:1', '3:1']);
});

test.each(['', 'word', 're:(', '1:2:3', 'nosuch:x'])('%j is no matcher', (word) => {
  expect(() => parseMatcher(word)).toThrow();
});

test('a rule that the source ships off can be switched on, and one can be made to drop or be edited', () => {
  const texts = [source('a.rules', `#${rule(1)}${rule(2)}`)];
  expect(sids(planRuleset(texts))).toEqual(['2:1']);
  const set = planRuleset(texts, {
    enable: ['1'],
    action: [{ match: '2', action: 'drop' }],
    modify: ['1 "rule (\\d)" "edited \\1"'],
  });
  expect([...set.rules.values()].map(({ action, msg }) => `${action} ${msg}`)).toEqual([
    'alert edited 1',
    'drop rule 2',
  ]);
  expect(enabledRules(set)[1].text).toMatch(/^drop tcp/);
});

test('an edit that would break a rule leaves it and is reported', () => {
  const set = planRuleset([source('a.rules', rule(1))], { modify: ['1 "\\)$" ""'] });
  expect(sids(set)).toEqual(['1:1']);
  expect(set.broken[0].reason).toContain('stays as it was');
});

test('a change touches every place, takes quotes and dollars as they are, and may not add what is forbidden', () => {
  const text = rule(1, 1, 'content:"a$"; threshold:type limit, track by_src, count 1, seconds 60;');
  const change = (...modify: string[]) => planRuleset([source('a.rules', text)], { modify });
  expect(change('re:rule "a\\$" "b$1"').rules.get('1:1')?.text).toContain('content:"b$1"');
  expect(change('1:1 "seconds \\d+" "seconds 5"').rules.get('1:1')?.text).toContain('seconds 5;');
  expect(change('1 "\\bany\\b" "[10.0.0.1]"').rules.get('1:1')?.text).toMatch(/^alert tcp (\[10.0.0.1\] ?){2}-> /);
  expect(change('1 "msg:\\"" "msg:\\"own "').rules.get('1:1')?.msg).toBe('own rule 1');
  const added = change('1 "sid:" "lua:x.lua; sid:"');
  expect(added.broken[0].reason).toContain('runs a script (lua), which rules may not after the change');
  expect(added.rules.get('1:1')?.text).not.toContain('lua');
  for (const words of ['1', '1 "a"', '"a" "b"', '1 "(" "b"', 'word "a" "b"']) expect(() => change(words)).toThrow();
});

test("a feed's rule that passes traffic unseen is set aside, a local one is not", () => {
  const text = rule(1).replace('alert', 'pass');
  expect(planRuleset([source('feed.rules', text)]).broken).toMatchObject([
    { id: '1:1', reason: 'rule passes traffic unseen (pass), which only local rules may' },
  ]);
  expect(sids(planRuleset([{ ...source('own.rules', text), local: true }]))).toEqual(['1:1']);
});

test.each([
  ['lua:x.lua;', 'runs a script'],
  ['dataset:set,bad,type string,save bad.lst;', 'writes a file'],
  ['dataset:isset,bad,type string,load /etc/shadow;', 'absolute path'],
  ['filemd5:../../secret;', 'outside the rule folder'],
])('a rule from elsewhere with %s is set aside', (option, why) => {
  const set = planRuleset([source('a.rules', rule(1, 1, option) + rule(2))]);
  expect(sids(set)).toEqual(['2:1']);
  expect(set.broken).toMatchObject([{ id: '1:1', line: 1, file: 'a.rules' }]);
  expect(set.broken[0].reason).toContain(why);
});

test('a relative dataset is no offence', () => {
  expect(planRuleset([source('a.rules', rule(1, 1, 'dataset:isset,bad,type string,load bad.lst;'))]).broken).toEqual(
    [],
  );
});

test("the engine's verdict: refused lines with the reason before each", () => {
  const output = [
    'Info: detect: loading',
    "Error: detect-parse: unknown rule keyword 'contnt'.",
    'Error: detect: error parsing signature "alert tcp any any -> any any (msg:"at line 7"; sid:2;)" from file /mnt/mss.rules at line 3',
    'Error: detect-parse: Duplicate signature "alert tcp any any -> any any (sid:1;)"',
    'Error: detect: error parsing signature "alert tcp any any -> any any (sid:1;)" from file /mnt/mss.rules at line 12',
    'Info: detect: 1 rule files processed. 10 rules successfully loaded, 2 rules failed, 0 rules skipped',
    'Error: suricata: Loading signatures failed.',
  ].join('\n');
  const verdict = parseEngineVerdict(output);
  expect([...verdict.refused]).toEqual([
    [3, "unknown rule keyword 'contnt'."],
    [12, 'Duplicate signature'],
  ]);
  expect(verdict).toMatchObject({ loaded: 10, failed: 2, errors: [] });
  expect(parseEngineVerdict('E: conf: failed to open file').errors).toEqual(['failed to open file']);
});

test('a diff names what is new, what changed and how, what went, and what broke since', () => {
  const side = (text: string) => {
    const set = planRuleset([source('a.rules', text)]);
    return { rules: enabledRules(set), broken: set.broken };
  };
  const diff = diffRulesets(
    { ...side(rule(1) + rule(2) + rule(3)), thresholds: ['a', 'b'] },
    { ...side(`${rule(1, 2)}${rule(2, 1, 'nocase;')}${rule(4)}oops\n`), thresholds: ['b', 'c'] },
  );
  expect(diff.thresholds).toEqual({ added: ['c'], removed: ['a'] });
  expect(diff.added).toEqual(['1:4:1 rule 4']);
  expect(diff.removed).toEqual(['1:3:1 rule 3']);
  expect(diff.changed).toEqual([
    { id: '1:1 rule 1', from: 'rev 1', to: 'rev 2' },
    { id: '1:2 rule 2', from: 'rev 1', to: 'rev 1, edited' },
  ]);
  expect(diff.broken).toHaveLength(1);
});
