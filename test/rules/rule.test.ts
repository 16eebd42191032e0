// Rules as sources really write them. The engine's own view of the same text is test/suricata.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRule } from '../../src/rules/rule.ts';
import { parseRuleFile } from '../../src/rules/rule-file.ts';

const options = (text: string) => `alert tcp $HOME_NET any -> [10.0.0.0/8, !10.1.0.0/16] [80, 443:] (${text})`;

test('header, ids, message, metadata and quoting', () => {
  const rule = parseRule(
    options(
      String.raw`msg:"a \"quoted\" \; text"; content:"|3a|x\\"; pcre:"/^["']?post/Ri"; metadata:mss_phase c2, tag A B; metadata:tag C; classtype:trojan-activity; gid:3; sid:77; rev:4;`,
    ),
  );
  expect(rule).toMatchObject({ action: 'alert', proto: 'tcp', gid: 3, sid: 77, rev: 4, classtype: 'trojan-activity' });
  expect(rule.msg).toBe(String.raw`a \"quoted\" \; text`);
  expect({ ...rule.metadata }).toEqual({ mss_phase: ['c2'], tag: ['A B', 'C'] });
  expect(rule.options.find(({ name }) => name === 'pcre')?.value).toBe(`/^["']?post/Ri`);
});

test.each([
  ['alert tcp any any -> any any (msg:"x"; rev:1;)', 'has no sid'],
  ['alert tcp any any -> any any (msg:"x"; sid:1)', 'does not end with ";"'],
  ['alert tcp any any -> any any (msg:"x"; sid:1;) trailing', 'does not end with ")"'],
  ['alert tcp any any (msg:"x"; sid:1;)', 'header has 4 words'],
  ['alert tcp any any <- any any (msg:"x"; sid:1;)', 'is no direction'],
  ['alert tcp [any any -> any any (msg:"x"; sid:1;)', 'do not close'],
  ['alert tcp any any -> any any (sid:99999999999;)', 'no 32-bit number'],
  ['shout tcp any any -> any any (sid:1;)', 'does not start with an action'],
])('%s', (text, why) => expect(() => parseRule(text)).toThrow(why));

test('no text makes the parser do anything but return or name the fault', () => {
  const parts = fc.constantFrom(
    'alert',
    ' tcp',
    ' any',
    ' ->',
    ' (',
    ')',
    'msg:"',
    '"',
    ';',
    '\\',
    'sid:1;',
    '[',
    ']',
    '#',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 4 })), { maxLength: 40 }), (words) => {
      parseRuleFile({ file: 'x.rules', text: words.join('') });
    }),
  );
});

test('a file: rules over several lines, rules switched off, prose, and a broken one that costs no other', () => {
  const { rules, broken } = parseRuleFile({
    file: 'x.rules',
    text: [
      '# alert me when this list changes (by mail)',
      'alert tcp any any -> any any \\',
      '  (msg:"one"; \\',
      '   sid:1; rev:1;)',
      '#alert udp any any -> any any (msg:"off"; sid:2;)',
      'alert tcp any any -> any any (msg:"broken"; sid:3',
      'nonsense',
      '  alert icmp any any -> any any (msg:"four"; sid:4;)\r',
    ].join('\n'),
  });
  expect(rules.map(({ sid, enabled, line }) => ({ sid, enabled, line }))).toEqual([
    { sid: 1, enabled: true, line: 2 },
    { sid: 2, enabled: false, line: 5 },
    { sid: 4, enabled: true, line: 8 },
  ]);
  expect(broken.map(({ line }) => line)).toEqual([6, 7]);
});

test('a rule that never ends is broken where it passes the bound, and what follows is read', () => {
  const endless = `alert tcp \\\n${'any \\\n'.repeat(20_000)}`;
  const good = 'alert tcp any any -> any any (msg:"x"; sid:7;)';
  const { rules, broken } = parseRuleFile({ file: 'x.rules', text: `${endless}\n${good}\n` });
  expect(rules.map(({ sid }) => sid)).toEqual([7]);
  expect(broken[0].reason).toContain('longer than');
  expect(broken.length).toBeLessThan(10);
});
