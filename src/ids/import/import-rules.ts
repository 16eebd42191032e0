// Which rules an import runs with: those it was told, else the set in force on this sensor, else those that are shipped.

import { basename } from 'node:path';
import { readRuleTexts, shippedRulesDir } from '../../os/rule-files.ts';
import type { RuleText, SourcedRule } from '../../rules/rule-file.ts';
import { enabledRules, planRuleset } from '../../rules/ruleset.ts';

export interface ImportRules {
  name: string;
  rules: SourcedRule[];
  /** rules set aside by our own parser */
  broken: number;
}

/** Rules as text: all that has to be read while there is the right to. */
export interface ImportRuleTexts {
  name: string;
  texts: readonly RuleText[];
}

/**
 * @param path file, folder or tarball; undefined: what this machine has
 * @param currentRulesFile the set in force, where this is a sensor that has one
 * @throws MssError 'io' or 'input' for rules that cannot be read
 */
export async function readImportRules(path: string | undefined, currentRulesFile?: string): Promise<ImportRuleTexts> {
  const name =
    path !== undefined ? basename(path) : currentRulesFile !== undefined ? "this sensor's rules" : 'shipped rules';
  return { name, texts: await readRuleTexts(path ?? currentRulesFile ?? shippedRulesDir()) };
}

/** The rules in those texts that are switched on. */
export function planImportRules({ name, texts }: ImportRuleTexts): ImportRules {
  // whoever names the file answers for it
  const set = planRuleset(texts.map((text) => ({ ...text, local: true })));
  return { name, rules: enabledRules(set), broken: set.broken.length };
}
