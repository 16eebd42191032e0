// Starts and stops one worker's two threads: the one at the rings and the one that ends segments.
import { MessageChannel, Worker } from 'node:worker_threads';
import { MssError } from '../errors.ts';
import { createFlowIndexMemory } from '../store/flow-index.ts';
import { CaptureCounters } from './capture-counters.ts';
import type { ChosenStore } from './choose-store.ts';
import type { IndexThreadPlan } from './index-thread.ts';
import {
  INDEX_GONE,
  type IndexNote,
  type OpenedInterface,
  type RingCommand,
  type RingNote,
  type RingThreadPlan,
  type WorkerShare,
} from './ring-messages.ts';

/** One index is filled while the other is written out; with both in use the rings have to hold the packets. */
const INDEXES = 2;
const SLOT_BITS = 18;
/** Frames are rarely shorter than 60 bytes; should they be, a segment ends before it is full. */
const AVERAGE_PACKET_BLOCK_AT_LEAST = 80;

export type CapturePlan = Pick<
  RingThreadPlan,
  | 'interfaces'
  | 'blockBytes'
  | 'blocks'
  | 'retireMs'
  | 'snaplenBytes'
  | 'mostSegmentBytes'
  | 'filter'
  | 'cutoffBytes'
  | 'recipients'
> &
  Pick<IndexThreadPlan, 'writerKey'>;

export interface CaptureThreadEvents {
  /** a write failed, or a segment could not be ended; capture goes on */
  onTrouble(text: string): void;
}

export class CaptureThreads {
  readonly counters: CaptureCounters;
  readonly interfaces: OpenedInterface[];
  /** resolves when the threads are gone; with why, where that was not asked for */
  readonly ended: Promise<string | undefined>;
  readonly #commands: MessageChannel['port1'];

  private constructor(
    counters: CaptureCounters,
    interfaces: OpenedInterface[],
    ended: Promise<string | undefined>,
    commands: MessageChannel['port1'],
  ) {
    this.counters = counters;
    this.interfaces = interfaces;
    this.ended = ended;
    this.#commands = commands;
  }

  /**
   * Starts capturing; packets stay in the rings until setStore() says where to store them.
   * @throws MssError `capture` where an interface cannot be opened.
   */
  static async start(
    plan: CapturePlan,
    workers: WorkerShare,
    urls: { ring: URL; index: URL },
    events: CaptureThreadEvents,
  ): Promise<CaptureThreads> {
    const counters = new CaptureCounters(plan.interfaces.length);
    const mostPackets = Math.ceil(plan.mostSegmentBytes / AVERAGE_PACKET_BLOCK_AT_LEAST);
    const indexes = Array.from({ length: INDEXES }, () => createFlowIndexMemory(SLOT_BITS, mostPackets));
    const indexStates = new SharedArrayBuffer(INDEXES * 4);
    const commands = new MessageChannel();
    const finished = new MessageChannel();
    const { writerKey } = plan;
    const indexPlan: IndexThreadPlan = { indexes, indexStates, finished: finished.port2, writerKey };
    const ringPlan: RingThreadPlan = {
      ...plan,
      counters: counters.buffer,
      workers,
      indexes,
      indexStates,
      commands: commands.port2,
      finished: finished.port1,
    };
    const ringWorker = new Worker(urls.ring, {
      workerData: ringPlan,
      transferList: [commands.port2, finished.port1],
    });
    let why: string | undefined;
    let indexWorker: Worker | undefined;
    let opened: (interfaces: OpenedInterface[]) => void = () => {};
    const open = new Promise<OpenedInterface[]>((resolve) => {
      opened = resolve;
    });
    ringWorker.on('message', (note: RingNote) => {
      if (note.note === 'open') opened(note.interfaces);
      else if (note.note === 'failed') why = note.text;
      else if (note.note === 'store-failed') events.onTrouble(note.text);
    });
    ringWorker.on('error', (error) => {
      why = error.message;
      indexWorker?.terminate();
    });
    const ringEnded = exitOf(ringWorker);
    const interfaces = await Promise.race([open, ringEnded]);
    if (!Array.isArray(interfaces)) {
      commands.port1.close();
      throw new MssError('capture', why ?? 'the capture thread ended at once');
    }
    // only now: packets are held already, and two threads that start at once wait for one another
    indexWorker = new Worker(urls.index, { workerData: indexPlan, transferList: [finished.port2] });
    indexWorker.on('message', (note: IndexNote) => {
      if (note.note === 'failed') events.onTrouble(note.text);
    });
    indexWorker.on('error', (error) => {
      // without it no index would ever get free again, and the ring thread would wait for one for ever
      why = `the index thread ended: ${error.message}`;
      new Int32Array(indexStates).fill(INDEX_GONE);
      commands.port1.postMessage({ to: 'stop' } satisfies RingCommand);
    });
    const ended = Promise.all([ringEnded, exitOf(indexWorker)]).then(() => {
      commands.port1.close();
      return why;
    });
    return new CaptureThreads(counters, interfaces, ended, commands.port1);
  }

  /** Where to store from now on; undefined: nowhere, the rings hold what they can. */
  setStore({ dir, mountPoint }: Pick<ChosenStore, 'dir' | 'mountPoint'>, segmentBytes: number): void {
    this.#commands.postMessage({ to: 'store', dir, mountPoint, segmentBytes } satisfies RingCommand);
  }

  /** Stores what is in the rings, completes the last segment, and ends both threads. */
  async stop(): Promise<void> {
    this.#commands.postMessage({ to: 'stop' } satisfies RingCommand);
    await this.ended;
  }
}

/** Not events.once(), which rejects where the thread ends by an error. */
const exitOf = (worker: Worker): Promise<void> => new Promise((resolve) => worker.once('exit', () => resolve()));
