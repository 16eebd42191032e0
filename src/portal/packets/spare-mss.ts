// One `mss packets` that has started already and waits for its question: starting it takes longer than most answers.
import type { RunningMss, StartMss } from './download.ts';

/** A program that has started and waits for one question. */
export interface WaitingMss {
  alive(): boolean;
  ask(question: string, takeLine: (line: string) => boolean): RunningMss;
  stop(): void;
}

export class SpareMss {
  readonly #start: () => WaitingMss;
  readonly #signal: AbortSignal;
  #spare: WaitingMss | undefined;

  /** @param signal ends the one that waits, and none is started after it */
  constructor(start: () => WaitingMss, signal: AbortSignal) {
    this.#start = start;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#spare?.stop(), { once: true });
  }

  /** Has one wait, unless one does. */
  prepare(): void {
    if (!this.#signal.aborted && !this.#spare?.alive()) this.#spare = this.#start();
  }

  /** Asks the one that waits, or a new one where it is taken or has died; the next is started when this one has ended. */
  readonly ask: StartMss = (args, takeLine) => {
    const child = this.#spare?.alive() ? this.#spare : this.#start();
    this.#spare = undefined;
    const running = child.ask(JSON.stringify(args), takeLine);
    void running.ended.then(() => this.prepare());
    return running;
  };
}
