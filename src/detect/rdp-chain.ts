// Remote desktops in a row: a machine that somebody entered by remote desktop opens one on a third machine soon after
// (MITRE ATT&CK T1021.001). Administrators use jump hosts for the same, which belong on the allow-list.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';

export const CHAIN_WINDOW_US = 3600 * 1_000_000;
const RDP_PORT = 3389;

export class RdpChainDetector implements Detector {
  readonly name = 'rdp-chain';
  readonly kinds = ['rdp'];
  readonly #isHome: IsHome;
  /** who entered a host last, and when */
  readonly #entered = new BoundedMap<{ from: string; timeUs: number }>(20_000);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#entered.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const answered = record.src_port === RDP_PORT;
    const [client, server] = answered ? [record.dest_ip, record.src_ip] : [record.src_ip, record.dest_ip];
    if (client === undefined || server === undefined) return [];
    const entered = this.#entered.get(client);
    this.#entered.set(server, { from: client, timeUs });
    if (entered === undefined || entered.from === server || timeUs - entered.timeUs > CHAIN_WINDOW_US) return [];
    if (!this.#isHome(client)) return [];
    const summary = `remote desktop from ${entered.from} to ${client}, and from there on to ${server}`;
    const event = { timeUs, detector: this.name, summary, confidence: 0.6, ...endsOf(record) };
    const events: DialogEvent[] = [{ ...event, phase: 'spread', host: client }];
    if (this.#isHome(server)) events.push({ ...event, phase: 'exploit', host: server });
    return events;
  }
}
