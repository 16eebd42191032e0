// Rule files -> the rules that run, and those set aside. Sources come in order: a later one replaces rules of an earlier
// one that have the same id. What is planned here is what `logs.disable` and `logs.enable` choose from.
import { messageOf } from '../../errors.ts';
import { type LogRulePick, parseLogRulePick } from './choose.ts';
import { RuleMatcher } from './match/rule-matcher.ts';
import { type LogRuleText, parseLogRuleFile } from './rule/parse-file.ts';
import type { Placeholders } from './rule/placeholders.ts';
import { type BrokenLogRule, type CorrelationRule, type DetectionRule, refusal, type SigmaRule } from './rule/rule.ts';
import type { SourceDefinition } from './source/log-source.ts';

export interface LogRulesInput {
  /** texts of each source of rules: those that come with the sensor first, a person's own last */
  texts: readonly (readonly LogRuleText[])[];
  definitions: readonly SourceDefinition[];
  placeholders?: Placeholders;
  /** words of {@link parseLogRulePick} */
  disable?: readonly string[];
  enable?: readonly string[];
}

export interface LogRuleset {
  matcher: RuleMatcher;
  detections: DetectionRule[];
  correlations: CorrelationRule[];
  /** the rule that a correlation means by an id or a name */
  resolve: (reference: string) => SigmaRule | undefined;
  /** rules whose hits are alerts, rather than only counted by correlations */
  alerting: ReadonlySet<SigmaRule>;
  broken: BrokenLogRule[];
  /** switched off, by `disable` or by their own status */
  off: number;
}

/** Rules that their authors took back, and rules that no tool can use. */
const OFF_STATUSES = ['deprecated', 'unsupported'];

/** Never throws for a rule: what cannot be used is in `broken`. */
export function planLogRuleset(input: LogRulesInput): LogRuleset {
  const broken: BrokenLogRule[] = [];
  const all = gatherRules(input, broken);
  const disable = readPicks('logs.disable', input.disable, broken);
  const enable = readPicks('logs.enable', input.enable, broken);
  const isOff = (rule: SigmaRule) =>
    (OFF_STATUSES.includes(rule.status ?? '') || disable.some((picks) => picks(rule))) &&
    !enable.some((picks) => picks(rule));
  const chosen = all.filter((rule) => !isOff(rule));
  const detections = chosen.filter((rule) => rule.kind === 'detection');
  const matcher = new RuleMatcher(detections, input.definitions);
  for (const [rule, reason] of matcher.refused) broken.push(setAside(rule, reason));
  const usable = detections.filter((rule) => !matcher.refused.has(rule));
  const correlations = chosen.filter((rule) => rule.kind === 'correlation');
  const linked = linkCorrelations(usable, correlations, broken);
  return {
    matcher,
    detections: usable,
    ...linked,
    alerting: planAlerting(usable, linked.correlations, linked.resolve, enable),
    broken,
    off: all.length - chosen.length,
  };
}

/** All rules of all sources, each id once. */
function gatherRules({ texts, placeholders = new Map() }: LogRulesInput, broken: BrokenLogRule[]): SigmaRule[] {
  const byId = new Map<string, { rule: SigmaRule; source: number }>();
  for (const [source, files] of texts.entries()) {
    for (const file of files) {
      const found = parseLogRuleFile(file, placeholders);
      broken.push(...found.broken);
      for (const rule of found.rules) {
        const known = byId.get(rule.id);
        if (known?.source === source) {
          const { file: first, line } = known.rule;
          broken.push(setAside(rule, refusal('duplicate', `its id is that of ${first}:${line}`).message));
        } else {
          byId.set(rule.id, { rule, source });
        }
      }
    }
  }
  return [...byId.values()].map(({ rule }) => rule);
}

/** A word that picks nothing is set aside like a rule that is none. */
function readPicks(key: string, words: readonly string[] = [], broken: BrokenLogRule[]): LogRulePick[] {
  return words.flatMap((word) => {
    try {
      return [parseLogRulePick(word)];
    } catch (error) {
      broken.push({ file: key, line: 1, reason: refusal('choice', messageOf(error)).message });
      return [];
    }
  });
}

/** Correlations all of whose rules run; what refers to one that was set aside is set aside, too. */
function linkCorrelations(
  detections: readonly DetectionRule[],
  correlations: readonly CorrelationRule[],
  broken: BrokenLogRule[],
): Pick<LogRuleset, 'correlations' | 'resolve'> {
  let linked = [...correlations];
  for (;;) {
    const resolve = planResolve([...detections, ...linked]);
    const faults = new Map(
      linked.flatMap((rule) => {
        const reason = findFault(rule, resolve);
        return reason === undefined ? [] : [[rule, reason] as const];
      }),
    );
    if (faults.size === 0) return { correlations: linked, resolve };
    for (const [rule, reason] of faults) broken.push(setAside(rule, refusal('correlation', reason).message));
    linked = linked.filter((rule) => !faults.has(rule));
  }
}

function planResolve(rules: readonly SigmaRule[]): LogRuleset['resolve'] {
  const byReference = new Map<string, SigmaRule>();
  for (const rule of rules) if (rule.name !== undefined) byReference.set(rule.name, rule);
  for (const rule of rules) byReference.set(rule.id, rule);
  return (reference) => byReference.get(reference);
}

function findFault(rule: CorrelationRule, resolve: LogRuleset['resolve']): string | undefined {
  const missing = rule.rules.find((reference) => resolve(reference) === undefined);
  if (missing !== undefined) return `no rule that runs has the id or name "${missing}"`;
  return countsItself(rule, resolve) ? 'it counts itself' : undefined;
}

function countsItself(rule: CorrelationRule, resolve: LogRuleset['resolve']): boolean {
  const reached = new Set<SigmaRule>();
  const queue: SigmaRule[] = [rule];
  for (const one of queue) {
    if (one.kind === 'detection') continue;
    for (const reference of one.rules) {
      const next = resolve(reference);
      if (next === rule) return true;
      if (next !== undefined && !reached.has(next)) {
        reached.add(next);
        queue.push(next);
      }
    }
  }
  return false;
}

/**
 * A rule that correlations count raises no alert of its own unless one of them says `generate`; nor does one of level
 * informational, of which there are many hits by intention, unless a person enabled it.
 */
function planAlerting(
  detections: readonly DetectionRule[],
  correlations: readonly CorrelationRule[],
  resolve: LogRuleset['resolve'],
  enable: readonly LogRulePick[],
): Set<SigmaRule> {
  const counted = new Map<SigmaRule, boolean>();
  for (const { rules, generate } of correlations) {
    for (const rule of rules.map(resolve)) {
      if (rule !== undefined) counted.set(rule, generate || (counted.get(rule) ?? false));
    }
  }
  const alerts = (rule: SigmaRule) =>
    (counted.get(rule) ?? true) && (rule.level !== 'informational' || enable.some((picks) => picks(rule)));
  return new Set([...detections, ...correlations].filter(alerts));
}

const setAside = ({ file, line, id, title }: SigmaRule, reason: string): BrokenLogRule => ({
  file,
  line,
  reason,
  id,
  title,
});

/** How many rules were set aside for each kind of reason, most first. */
export function countRefusals(broken: readonly BrokenLogRule[]): [kind: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { reason } of broken) {
    const kind = reason.split(':', 1)[0];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}
