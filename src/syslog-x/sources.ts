// Who sends how much: one row an address, in a table that forged addresses cannot grow without end.

export interface SourceRow {
  address: string;
  receivedMessages: number;
  receivedBytes: number;
  firstMs: number;
  lastMs: number;
  /** over the last interval of `turn` */
  messagesPerSecond: number;
}

const MAX_SOURCES = 1024;

export class SourceTable {
  /** addresses that had to make room; their counts are in no row any more */
  forgottenSources = 0;
  #rows = new Map<string, SourceRow & { counted: number }>();

  add(address: string, bytes: number, nowMs: number): void {
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
        firstMs: nowMs,
        lastMs: 0,
        messagesPerSecond: 0,
        counted: 0,
      };
      this.#rows.set(address, row);
    }
    row.receivedMessages++;
    row.receivedBytes += bytes;
    row.lastMs = nowMs;
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
      .map(({ counted, ...row }) => row);
  }
}
