// One round of rules: read the sources, plan the set, let the engine judge it, and put it in force if it differs.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { SensorConfig } from '../../config/sensor-config.ts';
import type { Engine } from '../../os/engine-process.ts';
import type { Paths } from '../../paths.ts';
import { diffRulesets, EMPTY_DIFF, type RulesetDiff } from '../../rules/diff.ts';
import { renderRules, renderThresholds } from '../../rules/render-rules.ts';
import { renderReputation } from '../../rules/reputation.ts';
import type { BrokenRule } from '../../rules/rule-file.ts';
import { brokenRule, enabledRules, planRuleset } from '../../rules/ruleset.ts';
import { planThresholds } from '../../rules/threshold.ts';
import { applyRuleTest } from '../../suricata/apply-test.ts';
import { readReputation } from './reputation-sources.ts';
import { readRuleSources } from './rule-sources.ts';
import { withRulesLock } from './rules-lock.ts';
import {
  digestLists,
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
 * Runs one round, once nobody else is changing the rule sets; one that only asks waits for nobody.
 * @throws MssError 'usage' for a bad matcher or change in the configuration, 'rule' or 'engine' when the engine cannot
 * judge
 */
export function updateRules(
  at: Paths,
  config: SensorConfig,
  engine: Engine,
  options: UpdateOptions,
): Promise<RulesUpdate> {
  const round = () => runRound(at, config, engine, options);
  return options.dryRun === true ? round() : withRulesLock(at, round);
}

async function runRound(at: Paths, config: SensorConfig, engine: Engine, options: UpdateOptions): Promise<RulesUpdate> {
  makeDir(rulesDir(at));
  const read = await readRuleSources(at, config, options);
  const { texts } = read;
  // on a small machine each of these takes seconds: the loop that feeds the watchdog gets its turn between them
  await nextTurn();
  const reputation = await readReputation(at, config, options);
  const known = renderReputation(reputation.lists);
  const { disable, enable, modify } = config.ids;
  const planned = planRuleset([...texts, ...known.rules], { disable, enable, modify });
  const limits = planThresholds(config.ids.thresholds);
  const wanted = enabledRules(planned);
  const asked = read.asked && reputation.asked;
  const currentId = findCurrentId(at);
  const current = currentId === undefined ? undefined : findRuleset(at, currentId);
  await nextTurn();
  const before = currentId === undefined || current === undefined ? undefined : readRulesetRules(at, currentId);
  const nowMs = Date.now();
  // rules that nobody asked for again do not get younger
  const checkedMs = asked ? nowMs : (current?.checkedMs ?? nowMs);

  const unchanged = (): RulesUpdate => {
    if (options.dryRun !== true && asked) noteChecked(at, current!.id, checkedMs);
    return { set: { ...current!, checkedMs }, changed: false, diff: EMPTY_DIFF };
  };

  // what the engine refused last time it would refuse again: an unchanged set needs no test
  const refused = new Set(
    current?.broken.flatMap((rule) => (rule.reason.startsWith('engine: ') ? refusalKey(rule) : [])),
  );
  const presumed = wanted.filter((rule) => !refused.has(refusalKey(brokenRule(rule, ''))));
  const isInForce = (rules: string) =>
    before?.text === rules &&
    isDeepStrictEqual(current?.lists ?? {}, digestLists(known.files)) &&
    renderThresholds(before.thresholds) === renderThresholds(limits.lines);
  if (isInForce(renderRules(presumed))) return unchanged();

  const { kept, broken } = await applyRuleTest(engine, wanted, config.ids.homeNet, {
    thresholds: limits.lines,
    lists: known.files,
  });
  const text = renderRules(kept);
  if (isInForce(text) || (before !== undefined && isUndone(at, text, limits.lines))) return unchanged();
  const about: Omit<StoredRuleset, 'id'> = {
    createdMs: nowMs,
    checkedMs,
    sources: [...read.sources, ...reputation.sources],
    rules: kept.length,
    off: planned.rules.size - wanted.length,
    // the engine's refusals first: they spare the next round a test
    broken: [...broken, ...limits.broken, ...planned.broken, ...reputation.refused],
  };
  const diff = diffRulesets(
    { rules: before?.rules ?? [], broken: current?.broken ?? [], thresholds: before?.thresholds ?? [] },
    { rules: kept, broken: about.broken, thresholds: limits.lines },
  );
  const set = options.dryRun === true ? { id: '', ...about } : saveRuleset(at, text, about, limits.lines, known.files);
  return { set, changed: true, diff };
}

const refusalKey = ({ id, text }: BrokenRule): string => `${id} ${text}`;
