// Rule files of all sources -> the one set that runs: forbidden rules set aside, duplicates merged, the person's
// switches applied. Pure; the engine's own verdict on the result is engine-verdict.ts.
import { parseEdit, type RuleEdit } from './edit.ts';
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
  /** changes of rule texts: `MATCHER "from" "to"`, see edit.ts */
  modify?: readonly string[];
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
      const forbidden = findForbidden(rule) ?? (source.local === true ? undefined : findPass(rule));
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

/** A rule that hides traffic from all others is a person's to write, not a feed's. */
const findPass = ({ action }: SourcedRule): string | undefined =>
  action === 'pass' ? 'passes traffic unseen (pass), which only local rules may' : undefined;

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
  const edits = (choices.modify ?? []).map(parseEdit);
  return (rule) => {
    let changed = rule;
    if (off(rule)) changed = { ...changed, enabled: false };
    if (on(rule)) changed = { ...changed, enabled: true };
    for (const { match, action } of actions) {
      if (match(rule)) changed = { ...changed, action, text: changed.text.replace(/^\w+/, action) };
    }
    for (const edit of edits) if (edit.matches(rule)) changed = modify(changed, edit, broken);
    return changed;
  };
}

function modify(rule: SourcedRule, { words, edit }: RuleEdit, broken: BrokenRule[]): SourcedRule {
  const again = parseRuleFile({ file: rule.file, text: edit(rule.text) }).rules;
  const [changed] = again;
  const fault = again.length === 1 ? findForbidden(changed) : 'cannot be read';
  if (fault === undefined) return { ...changed, enabled: rule.enabled, line: rule.line };
  broken.push(brokenRule(rule, `rule ${fault} after the change ${words}; it stays as it was`));
  return rule;
}

/** Rules that run, in the set's order. */
export const enabledRules = (set: Ruleset): SourcedRule[] => [...set.rules.values()].filter((rule) => rule.enabled);
