// A few connections lent to many readers: who finds none waits in a bounded queue.
import { MssError } from '../errors.ts';

const WAITING_READS = 32;

export interface Reader {
  /** ends what it is doing; that then fails */
  interrupt(): void;
}

const notOpen = () => new MssError('archive', 'the event archive is not open; see the portal in "mss status"');

export class ReaderPool<R extends Reader> {
  #open = false;
  #idle: R[] = [];
  readonly #busy = new Map<R, Promise<unknown>>();
  #waiting: { go(reader: R): void; refuse(error: MssError): void }[] = [];

  /** Readers to lend from now on. */
  fill(readers: readonly R[]): void {
    this.#open = true;
    this.#idle = [...readers];
  }

  /** Refuses who waits, interrupts who reads, and ends when nobody does: only then may a connection be closed. */
  async empty(): Promise<void> {
    this.#open = false;
    this.#idle = [];
    for (const { refuse } of this.#waiting.splice(0)) refuse(notOpen());
    for (const reader of this.#busy.keys()) reader.interrupt();
    await Promise.all(this.#busy.values());
  }

  /** Lends a reader for `work`. @throws MssError 'archive' when there are none, or too many wait */
  async use<T>(work: (reader: R) => Promise<T>): Promise<T> {
    const reader = await this.#take();
    const working = work(reader);
    this.#busy.set(
      reader,
      working.catch(() => {}), // told to whoever asked
    );
    try {
      return await working;
    } finally {
      this.#busy.delete(reader);
      const next = this.#waiting.shift();
      if (next !== undefined) next.go(reader);
      else if (this.#open) this.#idle.push(reader);
    }
  }

  #take(): Promise<R> {
    if (!this.#open) return Promise.reject(notOpen());
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    if (this.#waiting.length >= WAITING_READS) {
      return Promise.reject(new MssError('archive', `${WAITING_READS} searches are waiting; try again in a moment`));
    }
    return new Promise((go, refuse) => this.#waiting.push({ go, refuse }));
  }
}
