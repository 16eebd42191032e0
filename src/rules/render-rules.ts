// The rules that run -> the one file that the engine loads: one rule a line, nothing else, so that a line number
// in the engine's words is a rule's place in the list.
import type { SourcedRule } from './rule-file.ts';

export const renderRules = (rules: readonly SourcedRule[]): string => rules.map((rule) => `${rule.text}\n`).join('');

/** The thresholds and suppressions of a set as the engine's threshold.config. */
export const renderThresholds = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
