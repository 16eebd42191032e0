// Which rules an import runs with: those it was told, else the set in force on this sensor, else those that are shipped.

import { basename } from 'node:path';
import { readRuleTexts, shippedRulesDir } from '../../os/rule-files.ts';
import type { RuleText, SourcedRule } from '../../rules/rule-file.ts';
import { enabledRules, planRuleset } from '../../rules/ruleset.ts';
import { readListsBeside } from '../rulesets/ruleset-store.ts';

export interface ImportRules {
  name: string;
  rules: SourcedRule[];
  /** rules set aside by our own parser */
  broken: number;
  lists: ReadonlyMap<string, string>;
}

/** Rules as text: all that has to be read while there is the right to. */
export interface ImportRuleTexts {
  name: string;
  texts: readonly RuleText[];
  /** files that these rules load, by name */
  lists: ReadonlyMap<string, string>;
}

/**
 * @param path file, folder or tarball; undefined: what this machine has
 * @param currentRulesFile the set in force, where this is a sensor that has one
 * @throws MssError 'io' or 'input' for rules that cannot be read
 */
export async function readImportRules(path: string | undefined, currentRulesFile?: string): Promise<ImportRuleTexts> {
  const name =
    path !== undefined ? basename(path) : currentRulesFile !== undefined ? "this sensor's rules" : 'shipped rules';
  // a person's file brings none: what it loads would have to be looked for anywhere
  const lists = path === undefined && currentRulesFile !== undefined ? readListsBeside(currentRulesFile) : new Map();
  return { name, texts: await readRuleTexts(path ?? currentRulesFile ?? shippedRulesDir()), lists };
}

/** The rules in those texts that are switched on. */
export function planImportRules({ name, texts, lists }: ImportRuleTexts): ImportRules {
  // whoever names the file answers for it
  const set = planRuleset(texts.map((text) => ({ ...text, local: true })));
  return { name, rules: enabledRules(set), broken: set.broken.length, lists };
}
