// One correlation rule at work: its groups, and when it says so. A group that goes on is told of once per timespan.
import type { CorrelationRule } from '../rule/rule.ts';
import { ClosedWindows } from './closed-windows.ts';
import { type Counting, newState, type Observation } from './group-states.ts';
import { GroupTable } from './group-table.ts';

/** That a correlation rule holds for a group. */
export interface Fulfilled {
  rule: CorrelationRule;
  /** values of the group, in the order of group-by */
  group: string[];
  count: number;
  firstUs: number;
  timeUs: number;
  /** it was told of a moment ago: no alert, but other correlations count it */
  again: boolean;
}

/** All of a rule that its memory depends on. */
const meaningOf = ({ type, rules, groupBy, timespanUs, limit, fields }: CorrelationRule): string =>
  JSON.stringify([type, rules, groupBy, timespanUs, limit.min, String(limit.max), fields]);

/** How long first_seen only learns: whoever works on that day is nobody new. */
const LEARN_US = 86_400e6;

/** What first_seen remembers beyond a restart. */
export interface Memory {
  sinceUs: number;
  seen: [key: string, lastUs: number][];
}

export class Correlation {
  readonly rule: CorrelationRule;
  readonly #groups: GroupTable<Counting>;
  readonly #windows: ClosedWindows | undefined;
  #sinceUs = Infinity;
  /** by a rule that was at work before with the same memory */
  readonly #droppedBefore: number = 0;

  /** @param before the same rule at work until now: what it remembers is taken over */
  constructor(rule: CorrelationRule, maxEntries: number, before?: Correlation) {
    this.rule = rule;
    if (before !== undefined && meaningOf(before.rule) === meaningOf(rule)) {
      this.#groups = before.#groups;
      this.#windows = before.#windows;
      this.#sinceUs = before.#sinceUs;
      this.#droppedBefore = before.droppedGroups + before.#droppedBefore;
      return;
    }
    this.#groups = new GroupTable(() => newState(rule), rule.timespanUs, maxEntries);
    const isCounted = rule.type === 'event_count' || rule.type === 'value_count';
    if (isCounted && rule.limit.max !== Infinity) this.#windows = new ClosedWindows(rule, maxEntries);
  }

  get droppedGroups(): number {
    return this.#groups.droppedGroups + (this.#windows?.droppedGroups ?? 0) - this.#droppedBefore;
  }

  get groupCount(): number {
    return this.#groups.groups.size;
  }

  observe(group: readonly string[], event: Observation): Fulfilled | undefined {
    const { rule } = this;
    const { timeUs } = event;
    // lengths keep apart what separators in values would join
    const key = JSON.stringify(group);
    if (this.#windows !== undefined) {
      this.#windows.observe(key, event, timeUs);
      return undefined;
    }
    this.#sinceUs = Math.min(this.#sinceUs, timeUs);
    return this.#groups.update(key, timeUs, (state, isNew) => {
      const found = state.observe(event);
      if (found === undefined) return undefined;
      if (rule.type === 'first_seen' && (!isNew || timeUs - this.#sinceUs < Math.min(LEARN_US, rule.timespanUs))) {
        return undefined;
      }
      const again = timeUs - state.alertedUs <= rule.timespanUs;
      if (!again) state.alertedUs = timeUs;
      return { rule, group: [...group], ...found, timeUs, again };
    });
  }

  /** What record time brings to an end. */
  close(nowUs: number): Fulfilled[] {
    if (this.#windows === undefined) return [];
    return this.#windows.close(nowUs).map(({ key, count, firstUs, endUs }) => ({
      rule: this.rule,
      group: JSON.parse(key) as string[],
      count,
      firstUs,
      timeUs: endUs,
      again: false,
    }));
  }

  /** Undefined but for first_seen: all others forget within their timespan anyway. */
  remember(): Memory | undefined {
    if (this.rule.type !== 'first_seen' || this.#sinceUs === Infinity) return undefined;
    return { sinceUs: this.#sinceUs, seen: [...this.#groups.groups].map(([key, { lastUs }]) => [key, lastUs]) };
  }

  restore({ sinceUs, seen }: Memory): void {
    this.#sinceUs = sinceUs;
    for (const [key, lastUs] of seen) {
      const state = newState(this.rule);
      state.lastUs = lastUs;
      this.#groups.restore(key, state);
    }
  }
}
