// Small rules and records for the tests of log rules.
import type { LogRecord } from '../../../src/api/log-record.ts';
import { type LogHit, LogRuleEngine } from '../../../src/logs/sigma/engine.ts';
import { type LogRulesInput, planLogRuleset } from '../../../src/logs/sigma/ruleset.ts';
import { parseLogSources } from '../../../src/logs/sigma/source/log-source.ts';

export const NOON_US = Date.UTC(2026, 5, 1, 12) * 1000;

/** One source that every record is of, under two names. */
export const EVERYTHING = parseLogSources(
  `normalized: { logsource: { category: normalized } }
sources:
  - { name: all, when: {}, gives: [{ logsource: { product: test } }] }`,
  'test',
);

export const plan = (yaml: string, input: Partial<LogRulesInput> = {}) =>
  planLogRuleset({ texts: [[{ file: 'rules.yml', text: yaml }]], definitions: EVERYTHING, ...input });

/** The rules of a text, none of which may be broken. */
export function engineOf(yaml: string, input: Partial<LogRulesInput> = {}): LogRuleEngine {
  const ruleset = plan(yaml, input);
  if (ruleset.broken.length > 0) throw new Error(ruleset.broken.map(({ reason }) => reason).join('\n'));
  return new LogRuleEngine(ruleset);
}

export function recordOf(fields: Record<string, string>, rest: Partial<LogRecord> = {}): LogRecord {
  const raw = rest.raw ?? rest.message ?? Object.values(fields).join(' ');
  return {
    timeUs: NOON_US,
    arrivedUs: NOON_US,
    sender: '192.0.2.1',
    transport: 'udp',
    message: raw,
    raw,
    format: '3164',
    fields,
    ...rest,
  };
}

/** A rule with this detection section, in YAML's flow style. */
export const ruleYaml = (detection: string): string =>
  `title: t\nlogsource: { product: test }\ndetection: ${detection}\n`;

/** Whether a record fits a rule with this one line in its selection. */
export const fits = (line: string, fields: Record<string, string>, input: Partial<LogRulesInput> = {}): boolean =>
  engineOf(ruleYaml(`{ s: { ${line} }, condition: s }`), input).match(recordOf(fields)).length > 0;

export const titles = (hits: readonly LogHit[]): string[] => hits.map(({ rule }) => rule.title);
