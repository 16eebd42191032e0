// Counts that must not pass a limit ("fewer than 5 in an hour"): known only when the time is over. A group's window
// begins with its first event; record time closes it.
import type { CorrelationRule } from '../rule/rule.ts';
import type { Fulfilment, Observation } from './group-states.ts';
import { copyOf } from './group-table.ts';
import type { GroupMemory } from './memory.ts';

interface Window {
  startUs: number;
  count: number;
  values: Set<string>;
}

export interface ClosedWindow extends Fulfilment {
  key: string;
  endUs: number;
}

export class ClosedWindows {
  readonly #rule: CorrelationRule;
  readonly #maxEntries: number;
  /** in the order in which they began */
  readonly #windows = new Map<string, Window>();
  #entries = 0;
  droppedGroups = 0;

  constructor(rule: CorrelationRule, maxEntries: number) {
    this.#rule = rule;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#windows.size;
  }

  *newestFirst(): Iterable<GroupMemory> {
    for (const [key, { startUs, count, values }] of [...this.#windows].reverse()) {
      yield { key, lastUs: startUs, count, moments: [...values].map((value) => [startUs, value]) };
    }
  }

  /** Puts remembered windows in the place of those there are. @param groups newest first */
  restore(groups: readonly GroupMemory[]): void {
    this.#windows.clear();
    this.#entries = 0;
    for (const { key, lastUs, count = 0, moments } of groups.toReversed()) {
      const values = new Set(moments.map(([, value = '']) => String(value)));
      this.#windows.set(key, { startUs: lastUs, count, values });
      this.#entries += 1 + values.size;
    }
  }

  observe(key: string, { value = '' }: Observation, timeUs: number): void {
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { startUs: timeUs, count: 0, values: new Set() };
      this.#windows.set(copyOf(key), window);
      this.#entries++;
    }
    if (this.#rule.type !== 'value_count') window.count++;
    // one more than the limit tells that it was passed
    else if (window.values.size <= this.#rule.limit.max && !window.values.has(value)) {
      window.values.add(copyOf(value));
      window.count++;
      this.#entries++;
    }
    for (const oldest of this.#windows.keys()) {
      if (this.#entries <= this.#maxEntries || this.#windows.size === 1) break;
      this.#remove(oldest);
      this.droppedGroups++;
    }
  }

  /** Ends the windows whose time was over at `nowUs`, and returns those whose counts are within the limits. */
  close(nowUs: number): ClosedWindow[] {
    const { limit, timespanUs } = this.#rule;
    const closed: ClosedWindow[] = [];
    for (const [key, { startUs, count }] of this.#windows) {
      if (nowUs - startUs <= timespanUs) break;
      this.#remove(key);
      if (count >= limit.min && count <= limit.max) {
        closed.push({ key, count, firstUs: startUs, endUs: startUs + timespanUs });
      }
    }
    return closed;
  }

  #remove(key: string): void {
    this.#entries -= 1 + (this.#windows.get(key)?.values.size ?? 0);
    this.#windows.delete(key);
  }
}
