// The rules that run -> the one file that the engine loads: one rule a line, nothing else, so that a line number
// in the engine's words is a rule's place in the list.
import type { SourcedRule } from './rule-file.ts';

export const renderRules = (rules: readonly SourcedRule[]): string => rules.map((rule) => `${rule.text}\n`).join('');
