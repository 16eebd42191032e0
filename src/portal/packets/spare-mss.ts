// Programs `mss packets` that have started already and wait for a question: starting one takes longer than most answers.
import type { RunningMss, StartMss } from './download.ts';

/** Few enough to cost little memory, as many as may be at work at one time. */
const MOST_WAITING = 2;
/** Then a new one takes its place, whatever the old one has gathered. */
const MOST_QUESTIONS = 100;

/** A program that has started and waits for a question, and after its answer for the next. */
export interface WaitingMss {
  alive(): boolean;
  ask(question: string, takeLine: (line: string) => boolean): RunningMss;
  stop(): void;
}

export class SpareMss {
  readonly #start: () => WaitingMss;
  readonly #signal: AbortSignal;
  readonly #questions = new WeakMap<WaitingMss, number>();
  #waiting: WaitingMss[] = [];

  /** @param signal ends those that wait, and none is started after it */
  constructor(start: () => WaitingMss, signal: AbortSignal) {
    this.#start = start;
    this.#signal = signal;
    const stopAll = () => {
      for (const child of this.#waiting) child.stop();
    };
    signal.addEventListener('abort', stopAll, { once: true });
  }

  /** Has one wait, unless one does. */
  prepare(): void {
    this.#waiting = this.#waiting.filter((child) => child.alive());
    if (!this.#signal.aborted && this.#waiting.length === 0) this.#waiting.push(this.#start());
  }

  /** Asks the one that has waited since its last answer, or a new one where all are taken or have died. */
  readonly ask: StartMss = (args, takeLine) => {
    this.#waiting = this.#waiting.filter((child) => child.alive());
    const child = this.#waiting.pop() ?? this.#start();
    const questions = (this.#questions.get(child) ?? 0) + 1;
    this.#questions.set(child, questions);
    const running = child.ask(JSON.stringify(args), takeLine);
    void running.ended.then(() => {
      const mayWait = !this.#signal.aborted && this.#waiting.length < MOST_WAITING && questions < MOST_QUESTIONS;
      if (child.alive() && mayWait) this.#waiting.push(child);
      else child.stop();
      this.prepare();
    });
    return running;
  };
}
