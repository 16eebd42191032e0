// Counters of others, which count since their own start -> how much each grew. Pure.

/** A counter of 32 bits starts over at 0 behind this. */
const WRAP = 2 ** 32;

export class Meter {
  readonly #last = new Map<string, number>();

  /**
   * How much a counter grew since it was read last; 0 at the first reading, when nobody knows since when it counts.
   * One that went back was reset and counts from 0, but for one near the end of its 32 bits, which ran over.
   * @param restarted its owner is another process, or another device, than before: it counts from 0 whatever it shows
   */
  grown(name: string, value: number, restarted = false): number {
    const last = this.#last.get(name);
    this.#last.set(name, value);
    if (last === undefined) return 0;
    if (restarted) return value;
    if (value >= last) return value - last;
    const runOver = value + WRAP - last;
    return last < WRAP && runOver < WRAP / 2 ? runOver : value;
  }

  /** Begins a counter that is known to count from 0. */
  beginAtZero(name: string): void {
    if (!this.#last.has(name)) this.#last.set(name, 0);
  }
}
