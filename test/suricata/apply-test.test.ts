// The real engine as judge: broken rules are named and set aside, the rest runs.
import { describe, expect, test } from 'vitest';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';
import { applyRuleTest } from '../../src/suricata/apply-test.ts';
import { engine } from '../packets/engine.ts';

describe.skipIf(engine === undefined)('rules judged by the engine', () => {
  test('each broken rule is set aside with its reason, file and line; the others are kept', async () => {
    const text = [
      'alert tcp any any -> any any (msg:"good"; content:"abc"; sid:1;)',
      'alert tcp any any -> any any (msg:"unknown word"; contnt:"abc"; sid:2;)',
      'alert tcp any any -> $NO_SUCH_NET any (msg:"unknown network"; content:"abc"; sid:3;)',
      'alert nosuchproto any any -> any any (msg:"unknown protocol"; sid:4;)',
      'alert tcp any any -> any any (msg:"pcre"; pcre:"/(/"; sid:5;)',
      'alert http any any -> any any (msg:"also good"; http.uri; content:"/x"; sid:6;)',
    ].join('\n');
    const rules = enabledRules(planRuleset([{ file: 'own.rules', text }]));
    const { kept, broken } = await applyRuleTest(engine!, rules, ['10.0.0.0/8']);
    expect(kept.map(({ sid }) => sid)).toEqual([1, 6]);
    expect(broken.map(({ id, file, line }) => [id, file, line])).toEqual([
      ['1:2', 'own.rules', 2],
      ['1:3', 'own.rules', 3],
      ['1:4', 'own.rules', 4],
      ['1:5', 'own.rules', 5],
    ]);
    expect(broken[0].reason).toContain('contnt');
  });

  test('an empty set is fine', async () => {
    expect(await applyRuleTest(engine!, [], ['10.0.0.0/8'])).toEqual({ kept: [], broken: [] });
  });

  test('a HOME_NET that the engine refuses is no fault of the rules', async () => {
    const rules = enabledRules(planRuleset([{ file: 'a', text: 'alert ip $HOME_NET any -> any any (sid:1;)' }]));
    await expect(applyRuleTest(engine!, rules, ['10.0.0.0/8', '10.0.0.0/99'])).rejects.toThrow(/refuses|HOME_NET/);
  });
});
