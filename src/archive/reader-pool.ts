// A few connections lent to many readers: who finds none waits in a bounded queue.
import { MssError } from '../errors.ts';

const WAITING_READS = 32;

export class ReaderPool<Connection> {
  #connections: readonly Connection[] = [];
  #idle: Connection[] = [];
  #waiting: ((connection: Connection) => void)[] = [];

  /** Other connections from now on: those lent out are forgotten when they come back. */
  fill(connections: readonly Connection[]): void {
    this.#connections = connections;
    this.#idle = [...connections];
    while (this.#idle.length > 0 && this.#waiting.length > 0) this.#waiting.shift()?.(this.#idle.pop()!);
  }

  /** @throws MssError 'archive' when there are no connections, or too many wait */
  take(): Promise<Connection> {
    if (this.#connections.length === 0) {
      return Promise.reject(new MssError('archive', 'the event archive is not open; see the portal in "mss status"'));
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    if (this.#waiting.length >= WAITING_READS) {
      return Promise.reject(new MssError('archive', `${WAITING_READS} searches are waiting; try again in a moment`));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  giveBack(connection: Connection): void {
    if (!this.#connections.includes(connection)) return;
    const next = this.#waiting.shift();
    if (next !== undefined) next(connection);
    else this.#idle.push(connection);
  }
}
