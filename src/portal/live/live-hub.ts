// New rows to everybody who watches: a bounded queue each, so that a slow reader loses rows (counted), never the portal.
import type { SensorEvent } from '../../api/event.ts';
import type { AlertRow, IncidentRow } from '../../api/rows.ts';
import { rowId } from '../../archive/search-sql.ts';
import { MssError } from '../../errors.ts';
import type { EventTest } from '../../query/plan-memory.ts';

const MOST_WATCHERS = 32;
const QUEUED_ROWS = 500;

export type LiveRow = AlertRow | IncidentRow;

export class Watcher {
  readonly wants: EventTest;
  #rows: LiveRow[] = [];
  #dropped = 0;
  #wake: (() => void) | undefined;

  constructor(wants: EventTest) {
    this.wants = wants;
  }

  /** The newest rows stay; returns how many had to go. */
  push(row: LiveRow): number {
    this.#rows.push(row);
    const dropped = this.#rows.length > QUEUED_ROWS ? 1 : 0;
    if (dropped > 0) this.#rows.shift();
    this.#dropped += dropped;
    this.#wake?.();
    return dropped;
  }

  /** What came since the last call; waits up to `withinMs` for the first row. */
  async take(withinMs: number): Promise<{ rows: LiveRow[]; dropped: number }> {
    if (this.#rows.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const taken = { rows: this.#rows, dropped: this.#dropped };
    this.#rows = [];
    this.#dropped = 0;
    return taken;
  }

  /** Ends a `take` that waits. */
  wake(): void {
    this.#wake?.();
  }
}

export class LiveHub {
  droppedRows = 0;
  readonly #watchers = new Set<Watcher>();

  get watchers(): number {
    return this.#watchers.size;
  }

  /** @throws MssError 'archive' when too many watch already */
  watch(wants: EventTest): Watcher {
    if (this.#watchers.size >= MOST_WATCHERS) {
      throw new MssError('archive', `${MOST_WATCHERS} live views are open already; close one`);
    }
    const watcher = new Watcher(wants);
    this.#watchers.add(watcher);
    return watcher;
  }

  unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** Everybody gets the alerts they want, and all incidents. @param number of the record in its stream */
  publish(number: number, event: SensorEvent): void {
    if (this.#watchers.size === 0) return;
    const row = liveRow(number, event);
    if (row === undefined) return;
    for (const watcher of this.#watchers) {
      if (row.type === 'incident' || watcher.wants(event)) this.droppedRows += watcher.push(row);
    }
  }

  /** Wakes all, so that they see that the service stops. */
  wakeAll(): void {
    for (const watcher of this.#watchers) watcher.wake();
  }
}

function liveRow(number: number, event: SensorEvent): LiveRow | undefined {
  if (event.type === 'incident') return { type: 'incident', incident: event.incident };
  if (event.type !== 'alert') return undefined;
  return { type: 'alert', id: rowId(event.timeUs, number), timeUs: event.timeUs, eve: event.eve };
}
