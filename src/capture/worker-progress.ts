// Whether every worker goes on: one that stands still must not be hidden by the others. Pure.

export class WorkerProgress {
  #before: readonly number[] = [];

  /**
   * @param turns of each worker's loop so far; none where nothing captures.
   * @returns whether each of them has turned since the last time this was true.
   */
  moved(turns: readonly number[]): boolean {
    const all = turns.length !== this.#before.length || turns.every((count, i) => count !== this.#before[i]);
    if (all) this.#before = turns;
    return all;
  }
}
