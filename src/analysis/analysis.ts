// The one engine of ids and of `mss import`: EVE records and log events, in order of time -> dialog events -> incidents.
import type { Incident, Suspect } from '../api/incident.ts';
import type { LogRecord } from '../api/log-record.ts';
import type { TiedLog } from '../detect/log-detector.ts';
import { judgeLogHit } from '../detect/log-rule.ts';
import { eventTimeUs } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';
import { Correlator } from '../incidents/correlate.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import type { Rank } from '../incidents/rank.ts';
import { AlertRanks } from './alert-ranks.ts';
import { Detectors } from './detectors.ts';
import { createHomeTest } from './home-side.ts';
import { LogTies } from './log-ties.ts';
import { SharedEnds } from './shared-ends.ts';

export interface Seen {
  events: readonly DialogEvent[];
  /** opened or changed, each whole */
  incidents: Incident[];
  /** hosts with a loud step that are no incident */
  suspects: readonly Suspect[];
  /** log events that were tied to a conversation */
  ties: readonly TiedLog[];
}

export const NOTHING: Seen = { events: [], incidents: [], suspects: [], ties: [] };

export class Analysis {
  readonly correlator: Correlator;
  readonly #detectors: Detectors;
  readonly #ties: LogTies;
  readonly #ranks: AlertRanks;
  readonly #sharedEnds: SharedEnds;
  #logs: boolean;
  /** whether an address is inside HOME_NET */
  readonly isHome: (address: string) => boolean;

  /**
   * @param homeNet blocks as in the configuration
   * @param trusted blocks of own scanners and known servers
   * @param logs whether log events are to be expected; where they are not, conversations are remembered from the first on
   * @throws MssError 'network' for a block that is none
   */
  constructor(homeNet: readonly string[], trusted: readonly string[] = [], logs = true) {
    this.#logs = logs;
    this.isHome = createHomeTest(homeNet);
    this.#detectors = new Detectors(this.isHome);
    this.#ties = new LogTies(this.isHome);
    this.#sharedEnds = new SharedEnds(this.isHome);
    this.correlator = new Correlator(
      createHomeTest(trusted),
      {},
      {
        isHome: this.isHome,
        isShared: (address, isQuiet) => this.#sharedEnds.isShared(address, isQuiet),
      },
    );
    this.#ranks = new AlertRanks(this.isHome, this.correlator);
  }

  /** Sources and hosts that were given up to bound the memory: what they did next may not have been joined to it. */
  get evicted(): number {
    return this.#detectors.evictedKeys + this.correlator.evictedHosts;
  }

  /** Log events that found their conversation, and those that name an address and did not. */
  get logTies(): { tied: number; untied: number } {
    return this.#ties;
  }

  /** Takes one record; gives what was seen in it and what came of it. */
  push(record: EveRecord): Seen {
    const timeUs = eventTimeUs(record);
    this.#sharedEnds.note(record);
    const events = this.#detectors.observe(record, timeUs);
    this.#ranks.note(record, events);
    if (!this.#logs) return events.length === 0 ? NOTHING : this.#correlate(events, []);
    const { ties, hosts } = this.#ties.takeRecord(record, timeUs);
    if (events.length === 0 && ties.length === 0) return NOTHING;
    return this.#correlate([...events, ...hosts.flatMap((tied) => this.#detectors.observeLog(tied))], ties);
  }

  /**
   * Takes one log event.
   * @param number of its record in syslog-x's stream
   */
  pushLog(log: LogRecord, number?: number): Seen {
    this.#logs = true;
    const tied = this.#ties.takeLog(log, number);
    return this.#correlate(this.#detectors.observeLog(tied), tied.conversation === undefined ? [] : [tied]);
  }

  /** Takes a log rule's hit, as alertOfHit makes it. */
  pushHit(hit: EveRecord): Seen {
    const { sender = '', host, ...fields } = (hit.log ?? {}) as Record<string, string | undefined>;
    const about = this.#ties.findHost({ sender, host, fields: fields as Record<string, string> });
    const event = about === undefined ? undefined : judgeLogHit(hit, eventTimeUs(hit), about);
    return event === undefined ? NOTHING : this.#correlate([event], []);
  }

  /** Shows the detectors a record of before a restart, whose steps the correlator has already. */
  remember(record: EveRecord): void {
    const timeUs = eventTimeUs(record);
    this.#sharedEnds.note(record);
    this.#ranks.remember(record);
    for (const event of this.#detectors.observe(record, timeUs)) this.#detectors.learn(event);
    this.#ties.takeRecord(record, timeUs);
  }

  /** The same for a log event. */
  rememberLog(log: LogRecord, number?: number): void {
    for (const event of this.#detectors.observeLog(this.#ties.takeLog(log, number))) this.#detectors.learn(event);
  }

  /** How far up the list an alert belongs; undefined for a record that is none. */
  rankOf(record: EveRecord): Rank | undefined {
    return this.#ranks.rankOf(record);
  }

  #correlate(seen: readonly DialogEvent[], ties: readonly TiedLog[]): Seen {
    if (seen.length === 0) return ties.length === 0 ? NOTHING : { ...NOTHING, ties };
    const events = [...seen, ...seen.flatMap((event) => this.#detectors.learn(event))];
    const incidents = new Map<string, Incident>();
    const suspects = new Map<string, Suspect>();
    for (const event of events) {
      const { incident, suspect, related = [] } = this.correlator.add(event);
      for (const one of [...related, incident]) if (one !== undefined) incidents.set(one.id, one);
      if (suspect !== undefined) suspects.set(suspect.host, suspect);
    }
    for (const { host } of incidents.values()) suspects.delete(host);
    return { events, incidents: [...incidents.values()], suspects: [...suspects.values()], ties };
  }
}
