// Rule files of all sources -> the one set that runs: forbidden rules set aside, duplicates merged, the person's
// switches applied. Pure; the engine's own verdict on the result is engine-verdict.ts.
import { findForbidden } from './forbidden.ts';
import { parseMatchers } from './matcher.ts';
import { type ACTIONS, ruleKey } from './rule.ts';
import { type BrokenRule, parseRuleFile, type RuleText, type SourcedRule } from './rule-file.ts';

export interface RuleChoices {
  /** matchers of rules to switch off */
  disable?: readonly string[];
  /** matchers of rules to switch on; applied after `disable` */
  enable?: readonly string[];
  /** matchers of rules whose action becomes `drop` (or `alert`): they then ask for a block */
  action?: readonly { match: string; action: (typeof ACTIONS)[number] }[];
  /** matchers of rules in whose text a regular expression is replaced; `$1` names a group */
  modify?: readonly { match: string; from: string; to: string }[];
}

export interface Ruleset {
  /** every rule, also those that are off, by `gid:sid` in ascending order */
  rules: Map<string, SourcedRule>;
  broken: BrokenRule[];
  /** rules left out since another with the same gid:sid had a higher rev */
  superseded: number;
}

/**
 * Plans the set. Of two rules with one gid:sid the higher rev wins, at equal rev the one of the later file.
 * @throws MssError `usage` when a matcher is none
 */
export function planRuleset(texts: readonly RuleText[], choices: RuleChoices = {}): Ruleset {
  const broken: BrokenRule[] = [];
  const found = new Map<string, SourcedRule>();
  let superseded = 0;
  for (const source of texts) {
    const file = parseRuleFile(source);
    broken.push(...file.broken);
    for (const rule of file.rules) {
      const forbidden = findForbidden(rule);
      if (forbidden !== undefined) {
        if (rule.enabled) broken.push(brokenRule(rule, `rule ${forbidden}`));
        continue;
      }
      const key = ruleKey(rule);
      const rival = found.get(key);
      if (rival !== undefined) superseded++;
      if (rival === undefined || rule.rev >= rival.rev) found.set(key, rule);
    }
  }
  const change = planChanges(choices, broken);
  const sorted = [...found.values()].sort((a, b) => a.gid - b.gid || a.sid - b.sid);
  return { rules: new Map(sorted.map((rule) => [ruleKey(rule), change(rule)])), broken, superseded };
}

/** The rule as a broken one, for the report. */
export const brokenRule = (rule: SourcedRule, reason: string): BrokenRule => ({
  file: rule.file,
  line: rule.line,
  reason,
  id: ruleKey(rule),
  text: rule.text.slice(0, 200),
});

function planChanges(choices: RuleChoices, broken: BrokenRule[]): (rule: SourcedRule) => SourcedRule {
  const off = parseMatchers(choices.disable ?? []);
  const on = parseMatchers(choices.enable ?? []);
  const actions = (choices.action ?? []).map(({ match, action }) => ({ match: parseMatchers([match]), action }));
  const edits = (choices.modify ?? []).map(({ match, from, to }) => ({ match: parseMatchers([match]), from, to }));
  return (rule) => {
    let changed = rule;
    if (off(rule)) changed = { ...changed, enabled: false };
    if (on(rule)) changed = { ...changed, enabled: true };
    for (const { match, action } of actions) {
      if (match(rule)) changed = { ...changed, action, text: changed.text.replace(/^\w+/, action) };
    }
    for (const { match, from, to } of edits) if (match(rule)) changed = modify(changed, from, to, broken);
    return changed;
  };
}

function modify(rule: SourcedRule, from: string, to: string, broken: BrokenRule[]): SourcedRule {
  const text = rule.text.replace(new RegExp(from), to);
  const again = parseRuleFile({ file: rule.file, text });
  if (again.rules.length === 1) return { ...again.rules[0], enabled: rule.enabled, line: rule.line };
  broken.push(brokenRule(rule, `rule is unreadable after the change ${from} -> ${to}; it stays as it was`));
  return rule;
}

/** Rules that run, in the set's order. */
export const enabledRules = (set: Ruleset): SourcedRule[] => [...set.rules.values()].filter((rule) => rule.enabled);
