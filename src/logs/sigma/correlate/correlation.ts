// One correlation rule at work: its groups, and when it says so. A group that goes on is told of once per timespan.
import type { CorrelationRule } from '../rule/rule.ts';
import { ClosedWindows } from './closed-windows.ts';
import { type Counting, newState, type Observation } from './group-states.ts';
import { GroupTable } from './group-table.ts';
import type { GroupMemory, Memory, Remembering } from './memory.ts';

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

export class Correlation implements Remembering {
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
    return this.#windows?.size ?? this.#groups.groups.size;
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

  get id(): string {
    return this.rule.id;
  }

  get meaning(): string {
    return meaningOf(this.rule);
  }

  /** since when it counts */
  get sinceUs(): number | undefined {
    return this.#sinceUs === Infinity ? undefined : this.#sinceUs;
  }

  *newestFirst(): Iterable<GroupMemory> {
    if (this.#windows !== undefined) yield* this.#windows.newestFirst();
    for (const [key, state] of [...this.#groups.groups].reverse()) {
      const alertedUs = state.alertedUs === -Infinity ? undefined : state.alertedUs;
      yield { key, lastUs: state.lastUs, alertedUs, moments: state.moments() };
    }
  }

  /** Goes on with what the same rule remembered. */
  restore({ meaning, sinceUs, groups }: Memory): void {
    if (meaning !== this.meaning) return;
    this.#sinceUs = sinceUs ?? Infinity;
    if (this.#windows !== undefined) {
      this.#windows.restore(groups);
      return;
    }
    for (const { key, lastUs, alertedUs = -Infinity, moments } of groups.toReversed()) {
      const state = newState(this.rule, moments);
      state.lastUs = lastUs;
      state.alertedUs = alertedUs;
      this.#groups.restore(key, state);
    }
  }
}
