// Ranks alerts by what is known around them: incidents of their ends, bad peers, the hits of their rule before.
import { findPhase } from '../detect/alert.ts';
import { eventTimeUs } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';
import type { Correlator } from '../incidents/correlate.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Rank, rankAlert } from '../incidents/rank.ts';
import { BadPeers } from './bad-peers.ts';

export class AlertRanks {
  readonly #isHome: (address: string) => boolean;
  readonly #correlator: Correlator;
  readonly #badPeers: BadPeers;

  constructor(isHome: (address: string) => boolean, correlator: Correlator) {
    this.#isHome = isHome;
    this.#correlator = correlator;
    this.#badPeers = new BadPeers(isHome);
  }

  /** Learns from any record. @param events steps seen in it: their hits are the correlator's to count */
  note(record: EveRecord, events: readonly DialogEvent[]): void {
    const { alert, src_ip, dest_ip } = record;
    if (alert === undefined) return;
    this.remember(record);
    const host = [src_ip, dest_ip].find((end) => end !== undefined && this.#isHome(end));
    if (host === undefined || events.some(({ rule }) => rule !== undefined)) return;
    this.#correlator.truth.hit(`${alert.gid}:${alert.signature_id}`, host, this.#isInIncident(record));
  }

  /** The same of a record of before a restart, whose hit is counted already. */
  remember(record: EveRecord): void {
    this.#badPeers.note(record, eventTimeUs(record));
  }

  /** How far up the list an alert belongs; undefined for a record that is none. */
  rankOf(record: EveRecord): Rank | undefined {
    const { alert } = record;
    if (alert === undefined) return undefined;
    return rankAlert(alert, {
      inIncident: this.#isInIncident(record),
      phase: findPhase(alert),
      badPeer: this.#badPeers.find([record.src_ip, record.dest_ip], eventTimeUs(record)),
      refusal: findRefusal(record),
      truth: this.#correlator.truth,
    });
  }

  #isInIncident({ src_ip, dest_ip }: EveRecord): boolean {
    return [src_ip, dest_ip].some((end) => end !== undefined && this.#correlator.hasIncident(end));
  }
}

/** The engine saw what became of a request: one that was refused did less harm. */
function findRefusal({ http }: EveRecord): string | undefined {
  const status = (http as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? `HTTP ${status}` : undefined;
}
