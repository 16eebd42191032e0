// Words of persons and of the engine, in any shape: each is taken, or refused by name; none ends the service.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MssError } from '../../src/errors.ts';
import { parseEdit } from '../../src/rules/edit.ts';
import { parseEngineVerdict } from '../../src/rules/engine-verdict.ts';
import { parseMatcher } from '../../src/rules/matcher.ts';
import { parseRuleFile } from '../../src/rules/rule-file.ts';
import { planRuleset } from '../../src/rules/ruleset.ts';

const RULE = 'alert tcp any any -> any any (msg:"x"; metadata:a b; classtype:c; sid:1; rev:1;)';
const [rule] = parseRuleFile({ file: 'x.rules', text: RULE }).rules;
const words = (...known: string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 4 })), { maxLength: 12 })
    .map((some) => some.join(''));

const takes = (parse: () => void): boolean => {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(MssError);
    return false;
  }
};

test('matchers', () => {
  const word = words('1:', '2001219', 'group:', 'filename:', 're:', 'metadata:', 'classtype:', '*', '?', '(', '[', ' ');
  fc.assert(fc.property(word, (text) => void takes(() => parseMatcher(text)(rule))));
  expect(takes(() => parseMatcher('re:('))).toBe(false);
});

test('changes of rules, and the set with them', () => {
  const word = words('1 ', '"', '\\', '(', ')', '$', '\\1', 're:. ', 'msg', 'sid:1', ';');
  fc.assert(
    fc.property(word, (text) => {
      if (takes(() => parseEdit(text).edit(RULE))) {
        const { rules } = planRuleset([{ file: 'x.rules', text: RULE }], { modify: [text] });
        // a change may break no rule: what it would break stays as it was
        expect(rules.size).toBe(1);
      }
    }),
  );
});

test('what the engine says of rules', () => {
  const line = words(
    'Error: detect: ',
    'error parsing signature "',
    'alert',
    '" from file x at line ',
    '7',
    '\n',
    ' rules',
  );
  fc.assert(
    fc.property(line, (text) => {
      const { refused } = parseEngineVerdict(text);
      for (const reason of refused.values()) expect(reason).not.toBe('');
    }),
  );
});
