// Rules at work on a stream of records: matches, correlations, and what of both is to be told.
import type { LogRecord } from '../../api/log-record.ts';
import type { Fulfilled } from './correlate/correlation.ts';
import { Correlator } from './correlate/correlator.ts';
import { explainMatch, type MatchedSelection } from './match/compile-rule.ts';
import type { SigmaRule } from './rule/rule.ts';
import type { LogRuleset } from './ruleset.ts';

/** A rule that a record fits, or that it completes. */
export interface LogHit {
  rule: SigmaRule;
  /** worth an alert; otherwise only counted by correlations, or told of a moment ago */
  alerts: boolean;
  /** detections: why */
  matched: MatchedSelection[];
  /** correlations: what they amount to */
  correlated?: { group: Record<string, string>; count: number; firstUs: number; lastUs: number };
}

export class LogRuleEngine {
  readonly ruleset: LogRuleset;
  readonly #correlator: Correlator;
  readonly counters = { matchedRecords: 0, ruleHits: 0, correlationHits: 0 };

  /** @param before the rules at work until now: correlations that are the same go on where they were */
  constructor(ruleset: LogRuleset, before?: LogRuleEngine) {
    this.ruleset = ruleset;
    this.#correlator = new Correlator(
      ruleset.correlations,
      ruleset.resolve,
      before === undefined ? undefined : before.#correlator,
    );
  }

  get droppedGroups(): number {
    return this.#correlator.droppedGroups;
  }

  get groupCount(): number {
    return this.#correlator.groupCount;
  }

  get ungroupedEvents(): number {
    return this.#correlator.ungroupedEvents;
  }

  /** @param everything hits that are no alerts, too, for a person who wants to know */
  match(record: LogRecord, everything = false): LogHit[] {
    const { matcher, alerting } = this.ruleset;
    const hits: LogHit[] = [];
    for (const over of this.#correlator.close(record.timeUs)) this.#take(over, everything, hits);
    const compiled = matcher.match(record);
    if (compiled.length === 0) return hits;
    this.counters.matchedRecords++;
    for (const one of compiled) {
      this.counters.ruleHits++;
      const alerts = alerting.has(one.rule);
      if (alerts || everything) hits.push({ rule: one.rule, alerts, matched: explainMatch(one, matcher.view) });
    }
    for (const one of compiled) {
      for (const event of this.#correlator.observe(one, matcher.view)) this.#take(event, everything, hits);
    }
    return hits;
  }

  #take({ rule, group, count, firstUs, timeUs, again }: Fulfilled, everything: boolean, hits: LogHit[]): void {
    if (!again) this.counters.correlationHits++;
    const alerts = !again && this.ruleset.alerting.has(rule);
    if (!alerts && !everything) return;
    const named = Object.fromEntries(rule.groupBy.map((field, i) => [field, group[i]]));
    hits.push({ rule, alerts, matched: [], correlated: { group: named, count, firstUs, lastUs: timeUs } });
  }

  /** What correlations remember beyond a restart, as a text of about `maxBytes` at the most. */
  remember(maxBytes: number): ReturnType<Correlator['remember']> {
    return this.#correlator.remember(maxBytes);
  }

  /** @throws MssError 'input' for a text that remember() did not give */
  restore(text: string): void {
    this.#correlator.restore(text);
  }
}
