// One of ours opens other machines' administrative shares (C$, ADMIN$): the way in of worms and of most tools for moving
// on (MITRE ATT&CK T1021.002). One machine's share is an administrator at work; several machines', or being refused at
// one again and again, is looking for a way in.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { partOf, textOf } from './sides.ts';
import { TargetWindows } from './target-windows.ts';

export const SHARE_WINDOW_US = 30 * 60 * 1_000_000;
export const SHARE_HOSTS = 3;
export const SHARE_REFUSALS = 5;
const ADMIN_SHARE = /\\([A-Z]\$|ADMIN\$)$/i;

export class AdminShareDetector implements Detector {
  readonly name = 'admin-share';
  readonly kinds = ['smb'];
  readonly #isHome: IsHome;
  readonly #opened = new TargetWindows(SHARE_WINDOW_US);
  readonly #refused = new TargetWindows(SHARE_WINDOW_US);
  #serial = 0;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#opened.evictedKeys + this.#refused.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server } = record;
    const { command, share, status } = partOf(record, 'smb');
    if (client === undefined || server === undefined || !this.#isHome(client) || client === server) return [];
    if (!textOf(command).includes('TREE_CONNECT') || !ADMIN_SHARE.test(textOf(share))) return [];
    const event = { timeUs, phase: 'spread' as const, detector: this.name, host: client, ...endsOf(record) };
    if (status !== 'STATUS_SUCCESS') {
      const refused = this.#refused.add(`${client} ${server}`, String(this.#serial++), timeUs, SHARE_REFUSALS);
      if (refused === undefined || refused.length === 1) return [];
      const summary = `refused ${SHARE_REFUSALS} times or more at administrative shares of ${server}`;
      return [{ ...event, summary, confidence: 0.5 }];
    }
    const opened = this.#opened.add(client, server, timeUs, SHARE_HOSTS);
    if (opened === undefined || opened.length === 1) return [];
    const summary = `administrative shares of ${SHARE_HOSTS} machines or more opened within ${SHARE_WINDOW_US / 60e6} minutes`;
    return [{ ...event, summary, confidence: 0.6 }];
  }
}
