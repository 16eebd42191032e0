// One of ours that pings many hosts in a minute, whether they answer or not: looking who is there, before an attack. A
// monitoring station does so too, and belongs on the allow-list.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { isGroupAddress } from './scan.ts';
import { TargetWindows } from './target-windows.ts';

export const SWEEP_WINDOW_US = 60 * 1_000_000;
export const SWEPT_HOSTS = 15;
const ECHO_REQUEST = 8;
const ECHO_REQUEST_V6 = 128;

export class PingSweepDetector implements Detector {
  readonly name = 'ping-sweep';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;
  readonly #pinged = new TargetWindows(SWEEP_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#pinged.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: host, dest_ip: dest, icmp_type: type } = record;
    if ((type !== ECHO_REQUEST && type !== ECHO_REQUEST_V6) || host === undefined || dest === undefined) return [];
    if (!this.#isHome(host) || isGroupAddress(dest)) return [];
    const pinged = this.#pinged.add(host, dest, timeUs, SWEPT_HOSTS);
    if (pinged === undefined || pinged.length === 1) return [];
    const summary = `${SWEPT_HOSTS} hosts or more pinged within a minute`;
    return [{ timeUs, phase: 'prepare', detector: this.name, summary, host, confidence: 0.5, ...endsOf(record) }];
  }
}
