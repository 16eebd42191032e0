// Starts the flow thread when it is needed, tells it what to follow, and takes its counts.
import { Worker } from 'node:worker_threads';
import type { FlowCommand, FlowNote, FlowThreadPlan } from './flow-thread.ts';

const RESTART_MS = 30_000;
const STOP_WITHIN_MS = 5000;

export class FlowReporter {
  readonly #url: URL;
  readonly #plan: FlowThreadPlan;
  readonly #warn: (text: string) => void;
  #worker: Worker | undefined;
  #dir: string | undefined;
  #following = false;
  #endedMs = Number.NEGATIVE_INFINITY;
  #warned = '';
  /** of threads that ended, and of the one that runs */
  #before = { records: 0, droppedRecords: 0, skippedSegments: 0 };
  #now = { records: 0, droppedRecords: 0, skippedSegments: 0 };

  constructor(url: URL, plan: FlowThreadPlan, warn: (text: string) => void) {
    this.#url = url;
    this.#plan = plan;
    this.#warn = warn;
  }

  /** Whether what is stored now will be reported. */
  get following(): boolean {
    return this.#following;
  }

  /** Flow records written, those the disk refused, and segments that were skipped for want of time. */
  get counts(): { records: number; droppedRecords: number; skippedSegments: number } {
    const sum = (name: keyof typeof this.counts) => this.#before[name] + this.#now[name];
    return {
      records: sum('records'),
      droppedRecords: sum('droppedRecords'),
      skippedSegments: sum('skippedSegments'),
    };
  }

  /** Reports the flows of the store in `dir` from now on; undefined: no more. Called again and again. */
  follow(dir: string | undefined): void {
    if (dir === this.#dir && (dir === undefined || this.#worker !== undefined)) return;
    if (this.#worker === undefined) {
      if (dir === undefined || performance.now() - this.#endedMs < RESTART_MS) return;
      this.#start();
    }
    this.#dir = dir;
    this.#send({ to: 'follow', dir });
  }

  /** Reports what is still going on, and ends the thread. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const late = setTimeout(() => void worker.terminate(), STOP_WITHIN_MS);
    this.#send({ to: 'stop' });
    await ended;
    clearTimeout(late);
  }

  #start(): void {
    const worker = new Worker(this.#url, { workerData: this.#plan });
    worker.on('message', (note: FlowNote) => {
      if (note.note === 'count') {
        this.#now = note;
        this.#following = note.following;
      } else this.#warnOnce(note.text);
    });
    worker.on('error', (error) => this.#warnOnce(`the flow thread ended: ${error.message}`));
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#dir = undefined;
      this.#following = false;
      this.#endedMs = performance.now();
      this.#before = this.counts;
      this.#now = { records: 0, droppedRecords: 0, skippedSegments: 0 };
    });
    this.#worker = worker;
  }

  #send(command: FlowCommand): void {
    this.#worker?.postMessage(command);
  }

  #warnOnce(text: string): void {
    if (text !== this.#warned) this.#warn(text);
    this.#warned = text;
  }
}
