// One round of rules: read the sources, plan the set, let the engine judge it, and put it in force if it differs.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SensorConfig } from '../../config/sensor-config.ts';
import type { Engine } from '../../os/engine-process.ts';
import type { Paths } from '../../paths.ts';
import { diffRulesets, type RulesetDiff } from '../../rules/diff.ts';
import { renderRules } from '../../rules/render-rules.ts';
import type { BrokenRule } from '../../rules/rule-file.ts';
import { brokenRule, enabledRules, planRuleset } from '../../rules/ruleset.ts';
import { applyRuleTest } from '../../suricata/apply-test.ts';
import { readRuleSources } from './rule-sources.ts';
import {
  findCurrentId,
  findRuleset,
  isUndone,
  makeDir,
  noteChecked,
  readRulesetRules,
  rulesDir,
  type StoredRuleset,
  saveRuleset,
} from './ruleset-store.ts';

export interface RulesUpdate {
  set: StoredRuleset;
  /** false: the sources give what is in force already */
  changed: boolean;
  diff: RulesetDiff;
}

export interface UpdateOptions {
  /** ask the URLs */
  fetch: boolean;
  /** only say what would change */
  dryRun?: boolean;
  warn: (text: string) => void;
}

/**
 * Runs one round.
 * @throws MssError 'usage' for a bad matcher in the configuration, 'rule' or 'engine' when the engine cannot judge
 */
export async function updateRules(
  at: Paths,
  config: SensorConfig,
  engine: Engine,
  options: UpdateOptions,
): Promise<RulesUpdate> {
  makeDir(rulesDir(at));
  const { texts, sources, asked } = await readRuleSources(at, config, options);
  // on a small machine each of these takes seconds: the loop that feeds the watchdog gets its turn between them
  await nextTurn();
  const planned = planRuleset(texts, { disable: config.ids.disable, enable: config.ids.enable });
  const wanted = enabledRules(planned);
  const currentId = findCurrentId(at);
  const current = currentId === undefined ? undefined : findRuleset(at, currentId);
  await nextTurn();
  const before = currentId === undefined || current === undefined ? undefined : readRulesetRules(at, currentId);
  const nowMs = Date.now();
  // rules that nobody asked for again do not get younger
  const checkedMs = asked ? nowMs : (current?.checkedMs ?? nowMs);

  const unchanged = (): RulesUpdate => {
    if (options.dryRun !== true && asked) noteChecked(at, current!.id, checkedMs);
    const diff: RulesetDiff = { added: [], changed: [], removed: [], broken: [] };
    return { set: { ...current!, checkedMs }, changed: false, diff };
  };

  // what the engine refused last time it would refuse again: an unchanged set needs no test
  const refused = new Set(
    current?.broken.flatMap((rule) => (rule.reason.startsWith('engine: ') ? refusalKey(rule) : [])),
  );
  const presumed = wanted.filter((rule) => !refused.has(refusalKey(brokenRule(rule, ''))));
  if (before !== undefined && before.text === renderRules(presumed)) return unchanged();

  const { kept, broken } = await applyRuleTest(engine, wanted, config.ids.homeNet);
  const text = renderRules(kept);
  if (before !== undefined && (before.text === text || isUndone(at, text))) return unchanged();
  const about: Omit<StoredRuleset, 'id'> = {
    createdMs: nowMs,
    checkedMs,
    sources,
    rules: kept.length,
    off: planned.rules.size - wanted.length,
    broken: [...planned.broken, ...broken],
  };
  const diff = diffRulesets(
    { rules: before?.rules ?? [], broken: current?.broken ?? [] },
    { rules: kept, broken: about.broken },
  );
  const set = options.dryRun === true ? { id: '', ...about } : saveRuleset(at, text, about);
  return { set, changed: true, diff };
}

const refusalKey = ({ id, text }: BrokenRule): string => `${id} ${text}`;
