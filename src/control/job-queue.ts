// One job of a kind at a time, a bounded number waiting. Kinds run beside each other: a slow start of the sensor must
// not hold up the confirmation that keeps a network setting.
import { MssError } from '../errors.ts';

const WAITING_PER_KIND = 8;

export class JobQueue {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, number>();

  /** Runs `work` once all earlier work of this kind is over. @throws MssError 'control' when too much waits already */
  async run<T>(kind: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(kind) ?? 0;
    if (waiting >= WAITING_PER_KIND) {
      throw new MssError('control', `${waiting} jobs of this kind are waiting already; try again when they are done`);
    }
    this.#waiting.set(kind, waiting + 1);
    const before = this.#tails.get(kind) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#tails.set(kind, mine);
    try {
      return await mine;
    } finally {
      this.#waiting.set(kind, (this.#waiting.get(kind) ?? 1) - 1);
    }
  }
}
