// What each kind of correlation remembers of one group, and when that is enough. Record time only; records may come a
// little out of order.
import type { CorrelationRule } from '../rule/rule.ts';
import { copyOf, type GroupState } from './group-table.ts';
import type { Moment } from './memory.ts';

/** One event that a correlation counts. */
export interface Observation {
  timeUs: number;
  /** places of its rule in the correlation's list */
  positions: readonly number[];
  /** what value_count counts */
  value?: string;
}

/** That a condition holds now: how much there is, and since when. */
export interface Fulfilment {
  count: number;
  firstUs: number;
}

export interface Counting extends GroupState {
  /** when an alert was last raised for it */
  alertedUs: number;
  observe(event: Observation): Fulfilment | undefined;
  /** what it remembers, for {@link newState} of the same rule to go on with */
  moments(): Moment[];
}

/** The state of a new group, or of one that is remembered. */
export function newState({ type, timespanUs, limit, rules }: CorrelationRule, moments: Moment[] = []): Counting {
  switch (type) {
    case 'event_count':
      return new EventTimes(timespanUs, limit.min, moments);
    case 'value_count':
      return new ValueTimes(timespanUs, limit.min, moments);
    case 'temporal':
      return new RuleTimes(timespanUs, limit.min, moments);
    case 'temporal_ordered':
      return new RuleOrder(timespanUs, rules.length, moments);
    case 'first_seen':
      return new Seen();
  }
}

/** event_count: the newest `min` times. */
class EventTimes implements Counting {
  lastUs = 0;
  alertedUs = -Infinity;
  readonly #spanUs: number;
  readonly #min: number;
  readonly #times: number[];

  constructor(spanUs: number, min: number, moments: Moment[]) {
    this.#spanUs = spanUs;
    this.#min = min;
    this.#times = moments.map(([timeUs]) => timeUs);
  }

  moments(): Moment[] {
    return this.#times.map((timeUs) => [timeUs]);
  }

  get size(): number {
    return this.#times.length;
  }

  observe({ timeUs }: Observation): Fulfilment | undefined {
    const times = this.#times;
    let at = times.length;
    while (at > 0 && times[at - 1] > timeUs) at--;
    times.splice(at, 0, timeUs);
    if (times.length > this.#min) times.shift();
    if (times.length < this.#min || times[times.length - 1] - times[0] > this.#spanUs) return undefined;
    return { count: times.length, firstUs: times[0] };
  }
}

/** value_count: the newest `min` values with the time each was last seen, oldest first. */
class ValueTimes implements Counting {
  lastUs = 0;
  alertedUs = -Infinity;
  readonly #spanUs: number;
  readonly #min: number;
  readonly #times: Map<string, number>;

  constructor(spanUs: number, min: number, moments: Moment[]) {
    this.#spanUs = spanUs;
    this.#min = min;
    this.#times = new Map(moments.map(([timeUs, value = '']) => [String(value), timeUs]));
  }

  moments(): Moment[] {
    return [...this.#times].map(([value, timeUs]) => [timeUs, value]);
  }

  get size(): number {
    return this.#times.size;
  }

  observe({ timeUs, value = '' }: Observation): Fulfilment | undefined {
    const times = this.#times;
    const known = times.get(value);
    times.delete(value);
    times.set(known === undefined ? copyOf(value) : value, Math.max(known ?? 0, timeUs));
    for (const [key, time] of times) {
      if (timeUs - time <= this.#spanUs && times.size <= this.#min) break;
      times.delete(key);
    }
    if (times.size < this.#min) return undefined;
    let firstUs = timeUs;
    for (const time of times.values()) firstUs = Math.min(firstUs, time);
    return { count: times.size, firstUs };
  }
}

/** temporal: when each rule last matched. */
class RuleTimes implements Counting {
  lastUs = 0;
  alertedUs = -Infinity;
  readonly #spanUs: number;
  readonly #min: number;
  readonly #times: Map<number, number>;

  constructor(spanUs: number, min: number, moments: Moment[]) {
    this.#spanUs = spanUs;
    this.#min = min;
    this.#times = new Map(moments.map(([timeUs, position]) => [Number(position), timeUs]));
  }

  moments(): Moment[] {
    return [...this.#times].map(([position, timeUs]) => [timeUs, position]);
  }

  get size(): number {
    return this.#times.size;
  }

  observe({ timeUs, positions }: Observation): Fulfilment | undefined {
    for (const position of positions) {
      this.#times.set(position, Math.max(this.#times.get(position) ?? timeUs, timeUs));
    }
    const newestUs = Math.max(...this.#times.values());
    const near = [...this.#times.values()].filter((time) => newestUs - time <= this.#spanUs);
    return near.length < this.#min ? undefined : { count: near.length, firstUs: Math.min(...near) };
  }
}

/** temporal_ordered: for the first 1, 2, ... rules, when their newest row began and ended. */
class RuleOrder implements Counting {
  lastUs = 0;
  alertedUs = -Infinity;
  readonly #spanUs: number;
  readonly #rules: number;
  readonly #rows: { startUs: number; endUs: number }[] = [];

  constructor(spanUs: number, rules: number, moments: Moment[]) {
    this.#spanUs = spanUs;
    this.#rules = rules;
    for (const [endUs, position, startUs = endUs] of moments) this.#rows[Number(position)] = { startUs, endUs };
  }

  moments(): Moment[] {
    return this.#rows.map(({ startUs, endUs }, position) => [endUs, position, startUs]);
  }

  get size(): number {
    return this.#rows.length;
  }

  observe({ timeUs, positions }: Observation): Fulfilment | undefined {
    let last: { startUs: number } | undefined;
    // from the back: one event is not two of its kind, where a rule stands twice
    for (const position of positions.toSorted((a, b) => b - a)) {
      const before = position === 0 ? { startUs: timeUs, endUs: timeUs } : this.#rows[position - 1];
      if (before === undefined || before.endUs > timeUs || timeUs - before.startUs > this.#spanUs) continue;
      const row = { startUs: before.startUs, endUs: timeUs };
      const known = this.#rows[position];
      if (known === undefined || row.startUs >= known.startUs) this.#rows[position] = row;
      if (position === this.#rules - 1) last = row;
    }
    return last === undefined ? undefined : { count: this.#rules, firstUs: last.startUs };
  }
}

/** first_seen: that there is a state at all is what it remembers. */
class Seen implements Counting {
  lastUs = 0;
  alertedUs = -Infinity;
  readonly size = 0;

  moments(): Moment[] {
    return [];
  }

  observe({ timeUs }: Observation): Fulfilment | undefined {
    return { count: 1, firstUs: timeUs };
  }
}
