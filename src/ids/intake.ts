// EVE lines and log events -> spool records and incidents. One batch is one unit of work: appended, flushed, then bookmarked.
import { Analysis, NOTHING, type Seen } from '../analysis/analysis.ts';
import type { SensorEvent } from '../api/event.ts';
import type { Incident, Suspect } from '../api/incident.ts';
import { eventTimeUs, parseEveLine } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';
import type { Correlator } from '../incidents/correlate.ts';
import { type Classify, classed } from '../respond/classification.ts';
import type { Kept } from './bookmark.ts';
import { type EngineStats, readEngineStats } from './engine-stats.ts';
import { badFileAlert } from './files/bad-files.ts';
import type { NumberedLog } from './log-follower.ts';
import { isEveEvent, toSpoolEvent, toTieEvent } from './spool-event.ts';

const LAST_ALERTS = 10;

export interface LastAlert {
  timeMs: number;
  signature: string;
  src: string;
  dest: string;
}

type JudgedIncident = Extract<SensorEvent, { type: 'verdict' }>;

/** as in the configuration, see Analysis */
export interface Networks {
  homeNet: readonly string[];
  trusted?: readonly string[];
}

export class Intake {
  /** all that the engine said, whatever it was */
  lines = 0;
  records = 0;
  alerts = 0;
  incidents = 0;
  unreadableLines = 0;
  logs = 0;
  /** packets of ended flows, and those of them with an end in HOME_NET */
  flowPackets = 0;
  homeFlowPackets = 0;
  stats: EngineStats | undefined;
  /** is told of each statistics record, with the time it was made */
  onStats: (stats: EngineStats, timeUs: number) => void = () => {};
  readonly lastAlerts: LastAlert[] = [];
  /** alerts that a person's class deletes */
  deleted = 0;
  /** a person's classes of alerts */
  classify: Classify = () => undefined;
  /** digests of known bad files: what carries one raises an alert of its own */
  badFiles: ReadonlySet<string> = new Set();
  #analysis: Analysis;
  /** what the spool has already, from before a crash */
  readonly #kept: Kept;

  /** @param logs whether log events came before, see Analysis */
  constructor({ homeNet, trusted }: Networks, kept: Kept, logs = true) {
    this.#analysis = new Analysis(homeNet, trusted, logs);
    this.#kept = kept;
  }

  get correlator(): Correlator {
    return this.#analysis.correlator;
  }

  /** see Analysis.logTies */
  get logTies(): { tied: number; untied: number } {
    return this.#analysis.logTies;
  }

  /** see Analysis.evicted */
  get evicted(): number {
    return this.#analysis.evicted;
  }

  /** Starts the detectors anew with other networks; what is known of hosts that are still ours stays. */
  setNetworks({ homeNet, trusted }: Networks): void {
    const before = this.#analysis.correlator;
    this.#analysis = new Analysis(homeNet, trusted);
    const states = [...before.states()].filter(({ host }) => this.#analysis.isHome(host));
    for (const state of states.reverse()) this.correlator.restore(state);
    this.correlator.truth.restore(before.truth.entries());
  }

  /**
   * Shows the analysis a record of before the start, so that it goes on where it was; nothing is written.
   * @param isKnown the correlator has what came of it already
   */
  remember(event: SensorEvent, isKnown: boolean): void {
    if (!isEveEvent(event)) return;
    if (isKnown) this.#analysis.remember(event.eve);
    else this.#analysis.push(event.eve);
  }

  /** The same for log events. @param knownUntil number of the first one that the correlator does not know */
  rememberLogs(logs: readonly NumberedLog[], knownUntil: number): void {
    for (const one of logs) {
      if (one.number >= knownUntil) this.#push(one);
      // the detectors learn nothing from a rule's hit
      else if ('log' in one) this.#analysis.rememberLog(one.log, one.number);
    }
  }

  /** Applies a person's word. @returns the incident as it is now, and others that it changed, for the spool */
  judge({ incident, verdict }: JudgedIncident): SensorEvent[] {
    const judged = this.correlator.judge(incident.host, incident.id, verdict);
    // one that is over, and known to the archive only: the person's word is all that changes
    const now = judged.length > 0 ? judged : [{ ...incident, state: verdict.state, verdict }];
    return now.map((one) => ({ type: 'incident', timeUs: one.lastUs, incident: one }));
  }

  /**
   * What a batch becomes in the spool: the lines' records and the log events' ties, then the incidents they opened or
   * changed. Lines keep their order, which a kill must not change; log events go between them by their time.
   */
  take(lines: readonly string[], logs: readonly NumberedLog[] = []): SensorEvent[] {
    const events: SensorEvent[] = [];
    const changed = new Map<string, Incident>();
    const suspects = new Map<string, Suspect>();
    const note = ({ incidents, suspects: hosts, ties }: Seen) => {
      for (const suspect of hosts) suspects.set(suspect.host, suspect);
      for (const incident of incidents) changed.set(incident.id, incident);
      for (const tied of ties) {
        const event = toTieEvent(tied);
        if (event !== undefined && !this.#kept.tiedRecords.delete(tied.record ?? -1)) events.push(event);
      }
    };
    this.lines += lines.length;
    this.logs += logs.length;
    let logAt = 0;
    const takeLogs = (untilUs: number) => {
      for (; logAt < logs.length && logs[logAt].timeUs <= untilUs; logAt++) note(this.#push(logs[logAt]));
    };
    for (const eve of this.#recordsOf(lines)) {
      this.#takeStats(eve);
      const event = toSpoolEvent(eve);
      if (event === undefined) continue;
      this.#count(eve);
      takeLogs(event.timeUs);
      const found = event.type === 'alert' ? this.classify(event) : undefined;
      if (found?.action === 'delete') {
        this.deleted++;
        continue;
      }
      const seen = found?.action === 'ignore' ? NOTHING : this.#analysis.push(eve);
      if (event.type === 'alert') eve.mss = classed(this.#analysis.rankOf(eve), found);
      if (this.#kept.eveRecords > 0) this.#kept.eveRecords--;
      else events.push(event);
      note(seen);
    }
    takeLogs(Number.POSITIVE_INFINITY);
    for (const { host } of changed.values()) suspects.delete(host);
    for (const suspect of suspects.values()) events.push({ type: 'suspect', timeUs: suspect.lastUs, suspect });
    for (const incident of changed.values()) {
      this.incidents++;
      events.push({ type: 'incident', timeUs: incident.lastUs, incident });
    }
    return events;
  }

  /** What the lines say, and after a known bad file the alert about it. */
  *#recordsOf(lines: readonly string[]): Generator<EveRecord> {
    for (const line of lines) {
      const eve = parseEveLine(line);
      if (eve === undefined) {
        this.unreadableLines++;
        continue;
      }
      yield eve;
      const alert = badFileAlert(eve, this.badFiles, (address) => this.#analysis.isHome(address));
      if (alert !== undefined) yield alert;
    }
  }

  /** An alert that syslog-x wrote and classified, with the rank that it has here. */
  ranked(event: Extract<SensorEvent, { type: 'alert' }>): SensorEvent {
    const { eve } = event;
    const { rank, reasons } = this.#analysis.rankOf(eve)!;
    const { rank: more = 0, reasons: why = [], ...said } = eve.mss ?? {};
    const sum = Math.max(-100, Math.min(100, rank + more));
    return { ...event, eve: { ...eve, mss: { rank: sum, reasons: [...reasons, ...why], ...said } } };
  }

  #takeStats(eve: EveRecord): void {
    const stats = readEngineStats(eve);
    if (stats === undefined) return;
    this.stats = stats;
    this.onStats(stats, eventTimeUs(eve));
  }

  #push(one: NumberedLog): Seen {
    if ('hit' in one) return one.hit.mss?.action === 'ignore' ? NOTHING : this.#analysis.pushHit(one.hit);
    const found = this.classify({ type: 'log', timeUs: one.timeUs, log: one.log });
    return found?.action === 'ignore' ? NOTHING : this.#analysis.pushLog(one.log, one.number);
  }

  #count(eve: EveRecord): void {
    this.records++;
    if (eve.flow !== undefined && eve.event_type === 'flow') {
      const packets = eve.flow.pkts_toserver + eve.flow.pkts_toclient;
      this.flowPackets += packets;
      if (this.#analysis.isHome(eve.src_ip ?? '') || this.#analysis.isHome(eve.dest_ip ?? '')) {
        this.homeFlowPackets += packets;
      }
    }
    if (eve.alert === undefined || eve.event_type !== 'alert') return;
    this.alerts++;
    this.lastAlerts.push({
      timeMs: Math.round(eventTimeUs(eve) / 1000),
      signature: eve.alert.signature,
      src: eve.src_ip ?? '?',
      dest: eve.dest_ip ?? '?',
    });
    if (this.lastAlerts.length > LAST_ALERTS) this.lastAlerts.shift();
  }
}
