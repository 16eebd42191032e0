// One of ours that delivers mail by itself to many servers outside: a spam bot (BotHunter's outbound attack). A mail
// client or printer uses one relay; a site's own mail server belongs on the allow-list. After Ramachandran and Feamster,
// "Understanding the Network-Level Behavior of Spammers" (SIGCOMM 2006).
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { TargetWindows } from './target-windows.ts';

export const MAIL_WINDOW_US = 10 * 60 * 1_000_000;
export const MAIL_SERVERS = 15;

export class MailBurstDetector implements Detector {
  readonly name = 'mail-burst';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;
  readonly #servers = new TargetWindows(MAIL_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#servers.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server, flow } = record;
    if (client === undefined || server === undefined || flow === undefined || record.dest_port !== 25) return [];
    // failures are a scan, and told as such
    if (record.proto !== 'TCP' || flow.pkts_toclient < 3 || !this.#isHome(client) || this.#isHome(server)) return [];
    const servers = this.#servers.add(client, server, timeUs, MAIL_SERVERS);
    if (servers === undefined || servers.length === 1) return [];
    const summary = `mail delivered to ${MAIL_SERVERS} servers or more within ${MAIL_WINDOW_US / 60e6} minutes`;
    return [
      { timeUs, phase: 'spread', detector: this.name, summary, host: client, confidence: 0.7, ...endsOf(record) },
    ];
  }
}
