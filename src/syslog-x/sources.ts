// Who sends how much, and who sends too much: one row an address, in a table that forged addresses cannot grow without
// end. A limited source may save up for a burst, as a token bucket has it.

export interface SourceRow {
  address: string;
  receivedMessages: number;
  receivedBytes: number;
  /** of the received ones those that were over the limit */
  limitedMessages: number;
  firstMs: number;
  lastMs: number;
  /** over the last interval of `turn` */
  messagesPerSecond: number;
}

interface Row extends SourceRow {
  counted: number;
  /** messages that may still pass */
  allowance: number;
}

const MAX_SOURCES = 1024;
// a device that starts, or whose link was down, sends what it saved
const BURST_SECONDS = 10;

export class SourceTable {
  /** addresses that had to make room; their counts are in no row any more */
  forgottenSources = 0;
  /** messages that were over the limit, of all sources */
  limitedMessages = 0;
  #limit = Number.POSITIVE_INFINITY;
  readonly #rows = new Map<string, Row>();

  /** Messages a second of one source that are taken over time; 0: all. */
  setLimit(perSecond: number): void {
    this.#limit = perSecond === 0 ? Number.POSITIVE_INFINITY : perSecond;
    for (const row of this.#rows.values()) row.allowance = this.#limit * BURST_SECONDS;
  }

  /** Counts a message. @returns false for one over the limit, which is not to be taken */
  add(address: string, bytes: number, nowMs: number): boolean {
    let row = this.#rows.get(address);
    if (row === undefined) {
      if (this.#rows.size >= MAX_SOURCES) {
        // the oldest row goes: a sender that still sends is back with its next message
        this.#rows.delete(this.#rows.keys().next().value!);
        this.forgottenSources++;
      }
      row = {
        address,
        receivedMessages: 0,
        receivedBytes: 0,
        limitedMessages: 0,
        firstMs: nowMs,
        lastMs: nowMs,
        messagesPerSecond: 0,
        counted: 0,
        allowance: this.#limit * BURST_SECONDS,
      };
      this.#rows.set(address, row);
    }
    row.receivedMessages++;
    row.receivedBytes += bytes;
    if (this.#limit !== Number.POSITIVE_INFINITY) {
      // a clock that is set back gives nothing
      const saved = (Math.max(0, nowMs - row.lastMs) / 1000) * this.#limit;
      row.allowance = Math.min(this.#limit * BURST_SECONDS, row.allowance + saved);
    }
    row.lastMs = nowMs;
    if (row.allowance < 1) {
      row.limitedMessages++;
      this.limitedMessages++;
      return false;
    }
    row.allowance--;
    return true;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Closes an interval of `seconds`, for the rates. */
  turn(seconds: number): void {
    for (const row of this.#rows.values()) {
      row.messagesPerSecond = Math.round((row.receivedMessages - row.counted) / seconds);
      row.counted = row.receivedMessages;
    }
  }

  /** The busiest sources, most messages first. */
  top(count: number): SourceRow[] {
    return [...this.#rows.values()]
      .sort((a, b) => b.receivedMessages - a.receivedMessages)
      .slice(0, count)
      .map(({ counted, allowance, ...row }) => row);
  }
}
