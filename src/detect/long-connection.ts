// A conversation with the outside that stays open for hours on a port that nothing everyday keeps open: remote control
// through one long connection instead of many. After RITA's "long connections" (Active Countermeasures). Weak alone:
// somebody's own remote access looks the same.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';

export const LONG_SECONDS = 2 * 3600;
// web, mail, chat, push, VPN, voice and file sync, which stay open for days
const KEPT_OPEN: ReadonlySet<number> = new Set([
  80, 443, 22, 143, 500, 993, 1194, 1883, 3478, 4500, 5060, 5061, 5222, 5223, 5228, 5269, 8080, 8443, 8883, 51820,
]);

export class LongConnectionDetector implements Detector {
  readonly name = 'long-connection';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server, dest_port: port = 0, flow } = record;
    if (client === undefined || server === undefined || flow === undefined || record.proto !== 'TCP') return [];
    const seconds = typeof flow.age === 'number' ? flow.age : 0;
    if (seconds < LONG_SECONDS || KEPT_OPEN.has(port)) return [];
    if (!this.#isHome(client) || this.#isHome(server)) return [];
    // no answer: a half of a conversation, or a machine that tries for ever
    if (flow.bytes_toclient < 1000 || flow.bytes_toserver < 1000) return [];
    const summary = `connection with ${server} port ${port} open for ${(seconds / 3600).toFixed(1)} hours`;
    return [{ timeUs, phase: 'c2', detector: this.name, summary, host: client, confidence: 0.4, ...endsOf(record) }];
  }
}
