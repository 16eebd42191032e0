// Two rule sets -> what the newer one changes for what is detected.
import type { BrokenRule, SourcedRule } from './rule-file.ts';

export interface RulesetDiff {
  added: string[];
  changed: { id: string; from: string; to: string }[];
  removed: string[];
  /** set aside now and not before */
  broken: BrokenRule[];
  /** lines of thresholds and suppressions: what comes and what goes */
  thresholds: { added: string[]; removed: string[] };
}

/** One side of a comparison. */
export interface RulesetSide {
  rules: readonly SourcedRule[];
  broken: readonly BrokenRule[];
  thresholds: readonly string[];
}

export const EMPTY_DIFF: RulesetDiff = {
  added: [],
  changed: [],
  removed: [],
  broken: [],
  thresholds: { added: [], removed: [] },
};

/** Compares the rules that run; a changed rule is told by its rev, or as `edited` where only the text differs. */
export function diffRulesets(before: RulesetSide, after: RulesetSide): RulesetDiff {
  const index = (rules: readonly SourcedRule[]) => new Map(rules.map((rule) => [`${rule.gid}:${rule.sid}`, rule]));
  const old = index(before.rules);
  const now = index(after.rules);
  const describe = (rule: SourcedRule) => `${rule.gid}:${rule.sid}:${rule.rev} ${rule.msg}`;
  const knownBroken = new Set(before.broken.map((rule) => `${rule.id} ${rule.reason}`));
  return {
    added: [...now].flatMap(([id, rule]) => (old.has(id) ? [] : [describe(rule)])),
    removed: [...old].flatMap(([id, rule]) => (now.has(id) ? [] : [describe(rule)])),
    changed: [...now].flatMap(([id, rule]) => {
      const previous = old.get(id);
      if (previous === undefined || previous.text === rule.text) return [];
      const to = previous.rev === rule.rev ? `rev ${rule.rev}, edited` : `rev ${rule.rev}`;
      return [{ id: `${id} ${rule.msg}`, from: `rev ${previous.rev}`, to }];
    }),
    broken: after.broken.filter((rule) => !knownBroken.has(`${rule.id} ${rule.reason}`)),
    thresholds: {
      added: after.thresholds.filter((line) => !before.thresholds.includes(line)),
      removed: before.thresholds.filter((line) => !after.thresholds.includes(line)),
    },
  };
}
