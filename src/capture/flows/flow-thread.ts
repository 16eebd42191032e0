// The thread of mss-capture that reports flows: reads what was stored, and writes a record of each flow to the spool.
import { randomInt } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { SpoolWriter } from '../../spool/writer.ts';
import { type PacketKey, parsePrivateKey } from '../../store/sealed/packet-keys.ts';
import { FlowTable } from './flow-table.ts';
import { renderFlow } from './render-flow.ts';
import { StoreTail } from './store-tail.ts';

const POLL_MS = 1000;
const RETRY_MS = 5000;
/** What is read at the most before it lets go of a store that grows on: a gigabyte. */
const MOST_LAST_TURNS = 64;
/** Of its own stream: flows never push out anybody's alerts. */
const SPOOL_BYTES = 64 << 20;

export interface FlowThreadPlan {
  spoolDir: string;
  /** of the writer itself, in PEM, where it encrypts */
  writerKey?: string;
}

/** Main thread to flow thread: the store to follow, or none for now. */
export type FlowCommand = { to: 'follow'; dir: string | undefined } | { to: 'stop' };

/** Flow thread to main thread. Counts are since the thread began. */
export type FlowNote =
  | { note: 'count'; following: boolean; records: number; droppedRecords: number; skippedSegments: number }
  | { note: 'failed'; text: string };

/** Reports flows until told to stop; then those that are still going on, too. */
export function runFlowThread(plan: FlowThreadPlan, main: MessagePort): void {
  const thread = new FlowThread(plan, (note) => main.postMessage(note));
  main.on('message', (command: FlowCommand) => {
    if (command.to === 'follow') thread.follow(command.dir);
    else {
      thread.stop();
      main.close();
    }
  });
}

class FlowThread {
  readonly #tell: (note: FlowNote) => void;
  readonly #spool: SpoolWriter;
  readonly #table: FlowTable;
  readonly #keys: readonly PacketKey[];
  #tail: StoreTail | undefined;
  #timer: NodeJS.Timeout | undefined;
  #records = 0;
  /** of the latest packet */
  #latestUs = 0;
  #expiredMs = Number.NEGATIVE_INFINITY;
  #skippedSegments = 0;

  constructor(plan: FlowThreadPlan, tell: (note: FlowNote) => void) {
    this.#tell = tell;
    this.#keys = plan.writerKey === undefined ? [] : [parsePrivateKey(plan.writerKey, "the writer's key")];
    this.#spool = new SpoolWriter(plan.spoolDir, { maxBytes: SPOOL_BYTES });
    this.#table = new FlowTable(randomInt(2 ** 32), (flow, end) => {
      this.#spool.append(renderFlow(flow, end));
      this.#records++;
    });
  }

  /** What was followed before is read to its end and reported. */
  follow(dir: string | undefined): void {
    clearTimeout(this.#timer);
    this.#leave();
    if (dir !== undefined) this.#turn(dir);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#leave();
    this.#spool.close();
  }

  #leave(): void {
    try {
      for (let turns = 0; turns < MOST_LAST_TURNS && this.#tail?.poll(); turns++);
    } catch (error) {
      this.#tell({ note: 'failed', text: messageOf(error) });
    }
    this.#closeTail();
    this.#table.stop();
    this.#flush();
  }

  #turn(dir: string): void {
    let waitMs = POLL_MS;
    try {
      this.#tail ??= new StoreTail(
        dir,
        (keys, lengthBytes, timeUs) => {
          this.#table.add(keys, lengthBytes, timeUs);
          this.#latestUs = timeUs;
        },
        this.#keys,
      );
      if (this.#tail.poll()) waitMs = 0;
    } catch (error) {
      this.#tell({ note: 'failed', text: `flows of ${dir} cannot be read: ${messageOf(error)}` });
      this.#closeTail();
      waitMs = RETRY_MS;
    }
    this.#expire(waitMs > 0 ? Date.now() * 1000 : this.#latestUs); // behind, it is then what it reads of
    this.#flush();
    this.#timer = setTimeout(() => this.#turn(dir), waitMs);
  }

  #expire(nowUs: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#expiredMs < POLL_MS) return;
    this.#expiredMs = nowMs;
    this.#table.expire(nowUs);
  }

  #closeTail(): void {
    this.#skippedSegments += this.#tail?.skippedSegments ?? 0;
    this.#tail?.close();
    this.#tail = undefined;
  }

  #flush(): void {
    const failure = this.#spool.flush();
    if (failure !== undefined) this.#tell({ note: 'failed', text: failure });
    this.#tell({
      note: 'count',
      following: this.#tail !== undefined,
      records: this.#records,
      droppedRecords: this.#spool.droppedRecords,
      skippedSegments: this.#skippedSegments + (this.#tail?.skippedSegments ?? 0),
    });
  }
}
