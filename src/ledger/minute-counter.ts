// Growth of counters, as it is seen -> whole minutes. Pure: the time comes with each sample.
import { addCounts, type LedgerMinute, MINUTE_MS, noCounts } from './ledger-minute.ts';

const MOST_SECONDS = 60;
const WHY_CHARS = 200;

export class MinuteCounter<N extends string> {
  readonly #names: readonly N[];
  #open: LedgerMinute<Record<N, number>> | undefined;

  constructor(names: readonly N[]) {
    this.#names = names;
  }

  /**
   * Takes what grew, at the end of the time in which it did. The clock may jump: then the minute before ends early.
   * @param timeMs since 1970
   * @param watchedMs since the sample before, by a clock that nobody sets
   * @returns the minute that ended by this sample belonging to another one
   */
  take(
    timeMs: number,
    watchedMs: number,
    grown: Partial<Record<N, number>>,
    why?: string,
  ): LedgerMinute<Record<N, number>> | undefined {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const ended = this.#open?.minute === minute ? undefined : this.end();
    this.#open ??= { minute, seconds: 0, counts: noCounts(this.#names) };
    const { counts, seconds } = this.#open;
    this.#open.seconds = Math.min(MOST_SECONDS, Math.round((seconds + watchedMs / 1000) * 10) / 10);
    addCounts(counts, grown);
    if (why !== undefined) this.#open.why = why.slice(0, WHY_CHARS);
    return ended;
  }

  /** Ends the minute, whole or not. */
  end(): LedgerMinute<Record<N, number>> | undefined {
    const ended = this.#open;
    this.#open = undefined;
    return ended;
  }
}
