// Asks softips to block what rules and incidents say: requests in a spool stream of their own, each once a minute.
import { createHomeTest } from '../analysis/home-side.ts';
import type { SensorEvent } from '../api/event.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import type { Service } from '../os/run-service.ts';
import { type PlanRequests, planRequests } from '../respond/soft-ips/plan-request.ts';
import { SpoolWriter } from '../spool/writer.ts';

const AGAIN_MS = 60_000;
const MAX_REMEMBERED = 1000;
const BUDGET = { segmentBytes: 1 << 20, maxBytes: 8 << 20 };

export class BlockAsker {
  #service: Service;
  #writer: SpoolWriter;
  #plan: PlanRequests = () => [];
  #asked = new Map<string, number>();
  #refused: string | undefined;

  /** @throws MssError 'io' when the stream cannot be opened */
  constructor(service: Service, dir: string, config: SensorConfig) {
    this.#service = service;
    this.#writer = new SpoolWriter(dir, BUDGET);
    this.configure(config);
  }

  /** A configuration that cannot be used is said, and asks for nothing. */
  configure({ respond, ids }: SensorConfig): void {
    try {
      this.#plan = planRequests(respond, createHomeTest(ids.homeNet));
    } catch (error) {
      this.#plan = () => [];
      this.#service.warn(messageOf(error));
    }
  }

  offer(event: SensorEvent): void {
    const nowMs = Date.now();
    for (const request of this.#plan(event)) {
      const key = `${request.remote} ${request.host}`;
      const last = this.#asked.get(key);
      if (last !== undefined && nowMs - last < AGAIN_MS && nowMs >= last) continue;
      this.#asked.delete(key);
      this.#asked.set(key, nowMs);
      if (this.#asked.size > MAX_REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
      this.#writer.append({ type: 'block-request', timeUs: nowMs * 1000, request });
    }
  }

  /** Brings what was asked to the disk, where softips reads it. */
  flush(): void {
    const refused = this.#writer.flush();
    if (refused !== undefined && this.#refused === undefined) this.#service.warn(refused);
    this.#refused = refused;
    this.#service.counters.droppedBlockRequests = this.#writer.droppedRecords;
  }

  close(): void {
    this.#writer.close();
  }
}
