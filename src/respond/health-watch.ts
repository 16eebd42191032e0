// Looks at the sensor's own condition now and then, and says what got worse and what is well again. Pure: what it looks
// at is handed in.
import type { ServiceStatus } from '../api/status.ts';
import { type Occasion, ofHealth } from './occasion.ts';

export interface Condition {
  nowMs: number;
  /** undefined: it has written no status since the machine started */
  services: Record<string, ServiceStatus | undefined>;
  /** free part of the system disk, 0..1 */
  freeShare: number;
}

/** A service that restarts, or a share that hiccups, is no mail: trouble has to last. */
const LASTING_MS = 60_000;
const SILENT_MS = 60_000;
/** A monitored network that is quiet for this long is not quiet: the mirror is gone. */
const NO_TRAFFIC_MS = 10 * 60_000;
const LEAST_FREE_SHARE = 0.05;

export class HealthWatch {
  /** part -> what is wrong with it, since when, and whether it was said */
  #troubles = new Map<string, { text: string; sinceMs: number; said: boolean }>();
  #packets = { count: -1, sinceMs: 0 };

  /** What there is to tell now. */
  look(condition: Condition): Occasion[] {
    const { nowMs } = condition;
    const found = this.#examine(condition);
    const news: Occasion[] = [];
    for (const [part, text] of found) {
      const trouble = this.#troubles.get(part) ?? { text, sinceMs: nowMs, said: false };
      trouble.text = text;
      this.#troubles.set(part, trouble);
      if (trouble.said || nowMs - trouble.sinceMs < LASTING_MS) continue;
      trouble.said = true;
      news.push(ofHealth(nowMs * 1000, part, text));
    }
    for (const [part, { said }] of this.#troubles) {
      if (found.has(part)) continue;
      this.#troubles.delete(part);
      if (said) news.push(ofHealth(nowMs * 1000, part, 'well again'));
    }
    return news;
  }

  #examine({ nowMs, services, freeShare }: Condition): Map<string, string> {
    const found = new Map<string, string>();
    for (const [name, status] of Object.entries(services)) {
      if (status === undefined) found.set(name, 'has not started');
      else if (status.state === 'stopped') found.set(name, `stopped: ${status.message}`);
      else if (nowMs - status.updatedMs > SILENT_MS)
        found.set(name, 'shows no sign of work; see "mss status" and its journal');
      else if (status.state === 'degraded') found.set(name, status.message);
    }
    if (freeShare < LEAST_FREE_SHARE) {
      found.set('system disk', `${(freeShare * 100).toFixed(1)} % free; lower archive.bytes or enlarge the disk`);
    }
    const count = services.capture?.counters.receivedPackets;
    if (count !== undefined) {
      if (count !== this.#packets.count) this.#packets = { count, sinceMs: nowMs };
      else if (nowMs - this.#packets.sinceMs >= NO_TRAFFIC_MS) {
        found.set(
          'traffic',
          'no packet has come for ten minutes: look at the mirror port, the cable, promiscuous mode',
        );
      }
    }
    return found;
  }
}
