// `suricata -T` as the judge of a rule set: refused rules are set aside and the rest is tried again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MssError } from '../errors.ts';
import { type Engine, giveToEngine, runEngine } from '../os/engine-process.ts';
import { parseEngineVerdict } from '../rules/engine-verdict.ts';
import { renderRules, renderThresholds } from '../rules/render-rules.ts';
import type { BrokenRule, SourcedRule } from '../rules/rule-file.ts';
import { brokenRule } from '../rules/ruleset.ts';
import { applyFileConfiguration } from './apply-session.ts';

const TRIES = 4;
const TEST_WITHIN_MS = 10 * 60_000;

/**
 * Tests rules until the engine takes all that are left.
 * @throws MssError 'rule' when the engine refuses more after each try, or refuses something that is no rule
 */
export async function applyRuleTest(
  engine: Engine,
  rules: readonly SourcedRule[],
  homeNet: readonly string[],
  beside: { thresholds?: readonly string[]; lists?: ReadonlyMap<string, string> } = {},
): Promise<{ kept: SourcedRule[]; broken: BrokenRule[] }> {
  const workDir = mkdtempSync(join(tmpdir(), 'mss-'));
  giveToEngine(workDir);
  const broken: BrokenRule[] = [];
  let kept = [...rules];
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const configuration = applyFileConfiguration(engine, workDir, {
        rules: renderRules(kept),
        thresholds: renderThresholds(beside.thresholds ?? []),
        lists: beside.lists,
        homeNet,
      });
      const { code, output } = await runEngine(engine, ['-T', '-v', '-c', configuration], workDir, TEST_WITHIN_MS);
      const verdict = parseEngineVerdict(output);
      if (code === 0 && verdict.failed === 0) return { kept, broken };
      if (verdict.refused.size === 0) {
        const why = verdict.errors.join('; ') || `exit code ${code}`;
        // an empty set is no set to the engine's test, and yet all that was asked
        if (kept.length === 0) return { kept, broken };
        throw new MssError('rule', `${engine.label} refuses the rule set: ${why}`);
      }
      for (const [line, reason] of verdict.refused) broken.push(brokenRule(kept[line - 1], `engine: ${reason}`));
      kept = kept.filter((_, i) => !verdict.refused.has(i + 1));
    }
    throw new MssError('rule', `${engine.label} refused more rules after each of ${TRIES} tries`);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}
