// A scan slow enough to stay below any short window: one source fails at many hosts on one port over half a day, and
// hardly ever succeeds there. The share of failures is what tells it from busy servers; after Jung et al., "Fast Portscan
// Detection Using Sequential Hypothesis Testing" (2004).
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { hasFailed, isGroupAddress, isQuicPort } from './scan.ts';
import { TargetWindows } from './target-windows.ts';

export const SLOW_WINDOW_US = 12 * 3600 * 1_000_000;
export const SLOW_HOSTS = 40;
/** successes over failures, above which nobody scans */
export const MOST_SUCCESSES = 0.25;
const MAX_KEYS = 20_000;

export class SlowScanDetector implements Detector {
  readonly name = 'slow-scan';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;
  readonly #failed = new TargetWindows(SLOW_WINDOW_US);
  readonly #answered = new BoundedMap<{ count: number }>(MAX_KEYS);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#failed.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: src, dest_ip: dest, dest_port: port, flow } = record;
    if (src === undefined || dest === undefined || flow === undefined || port === undefined) return [];
    if (!this.#isHome(src) || isGroupAddress(dest) || isQuicPort(record)) return [];
    const key = `${src} ${record.proto}/${port}`;
    if (!hasFailed(record, flow)) {
      this.#answered.take(key, () => ({ count: 0 })).count++;
      return [];
    }
    const hosts = this.#failed.add(key, dest, timeUs, SLOW_HOSTS);
    if (hosts === undefined || hosts.length === 1) return [];
    if ((this.#answered.get(key)?.count ?? 0) > hosts.length * MOST_SUCCESSES) return [];
    const hours = SLOW_WINDOW_US / 3600e6;
    const summary = `slow scan of ${record.proto}/${port} on ${SLOW_HOSTS} hosts or more within ${hours} hours`;
    return [{ timeUs, phase: 'spread', detector: this.name, summary, host: src, confidence: 0.6, ...endsOf(record) }];
  }
}
