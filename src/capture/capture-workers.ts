// All that captures: one worker or several that share each interface's packets, flow by flow, in one group of rings each.
// Every worker has its own rings, open segment, indexes and counters; seen from here they are one.
import type { CounterName, InterfaceCounterName } from './capture-counters.ts';
import { type CapturePlan, type CaptureThreadEvents, CaptureThreads } from './capture-threads.ts';
import type { ChosenStore } from './choose-store.ts';
import type { OpenedInterface } from './ring-messages.ts';

export interface WorkersPlan extends CapturePlan {
  workers: number;
}

/** One worker in the status file's `detail.workers`, since it began. */
export interface CapturedShare {
  receivedPackets: number;
  ringDroppedPackets: number;
}

export class CaptureWorkers {
  /** resolves when all threads are gone; with why, where that was not asked for. If one worker ends, all do. */
  readonly ended: Promise<string | undefined>;
  readonly #workers: readonly CaptureThreads[];

  private constructor(workers: readonly CaptureThreads[]) {
    this.#workers = workers;
    let why: string | undefined;
    const ends = workers.map(async (worker) => {
      why ??= await worker.ended;
      await this.stop();
    });
    this.ended = Promise.all(ends).then(() => why);
  }

  /**
   * Starts capturing; packets stay in the rings until setStore() says where to store them.
   * @throws MssError `capture` where an interface cannot be opened or shared.
   */
  static async start(
    plan: WorkersPlan,
    urls: { ring: URL; index: URL },
    events: CaptureThreadEvents,
  ): Promise<CaptureWorkers> {
    const openSegments = new SharedArrayBuffer(plan.workers * 4);
    const started: CaptureThreads[] = [];
    try {
      for (let number = 0; number < plan.workers; number++) {
        // the first one's rings begin the groups that the others join
        const groups = plan.interfaces.map((_, i) => started[0]?.interfaces[i].fanoutGroup ?? 'new');
        const share = { number, openSegments, fanoutGroups: plan.workers > 1 ? groups : undefined };
        started.push(await CaptureThreads.start(plan, share, urls, events));
      }
    } catch (error) {
      await Promise.all(started.map((worker) => worker.stop()));
      throw error;
    }
    return new CaptureWorkers(started);
  }

  get interfaces(): OpenedInterface[] {
    return this.#workers[0].interfaces;
  }

  /** Turns of each worker's loop so far. */
  get turns(): number[] {
    return this.#workers.map(({ counters }) => counters.get('turns'));
  }

  /** What each worker took of all interfaces' packets. */
  get shares(): CapturedShare[] {
    return this.#workers.map(({ counters, interfaces }) => {
      const sum = (name: InterfaceCounterName) => interfaces.reduce((all, _, i) => all + counters.getOf(i, name), 0);
      return { receivedPackets: sum('receivedPackets'), ringDroppedPackets: sum('ringDroppedPackets') };
    });
  }

  /** Of all workers together. */
  get(name: CounterName): number {
    return this.#workers.reduce((sum, { counters }) => sum + counters.get(name), 0);
  }

  /** Of one interface in all workers together. */
  getOf(interfaceId: number, name: InterfaceCounterName): number {
    return this.#workers.reduce((sum, { counters }) => sum + counters.getOf(interfaceId, name), 0);
  }

  /** Where to store from now on; undefined: nowhere, the rings hold what they can. */
  setStore(chosen: Pick<ChosenStore, 'dir' | 'mountPoint'>, segmentBytes: number): void {
    for (const worker of this.#workers) worker.setStore(chosen, segmentBytes);
  }

  /** Stores what is in the rings, completes the last segments, and ends all threads. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }
}
