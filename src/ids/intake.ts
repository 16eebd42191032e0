// EVE lines -> spool records and incidents. One batch is one unit of work: appended, flushed, then bookmarked.
import { Analysis } from '../analysis/analysis.ts';
import type { SensorEvent } from '../api/event.ts';
import type { Incident } from '../api/incident.ts';
import { eventTimeUs, parseEveLine } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';
import { type EngineStats, readEngineStats } from './engine-stats.ts';
import { toSpoolEvent } from './spool-event.ts';

const LAST_ALERTS = 10;

export interface LastAlert {
  timeMs: number;
  signature: string;
  src: string;
  dest: string;
}

export class Intake {
  /** all that the engine said, whatever it was */
  lines = 0;
  records = 0;
  alerts = 0;
  incidents = 0;
  unreadableLines = 0;
  /** packets of ended flows, and those of them with an end in HOME_NET */
  flowPackets = 0;
  homeFlowPackets = 0;
  stats: EngineStats | undefined;
  readonly lastAlerts: LastAlert[] = [];
  #analysis: Analysis;
  /** EVE records that the spool has already, from before a crash */
  #skip: number;

  constructor(homeNet: readonly string[], skip: number) {
    this.#analysis = new Analysis(homeNet);
    this.#skip = skip;
  }

  /** see Analysis.evicted */
  get evicted(): number {
    return this.#analysis.evicted;
  }

  /** Starts the analysis anew with other networks; open incidents end with it. */
  setHomeNet(homeNet: readonly string[]): void {
    this.#analysis = new Analysis(homeNet);
  }

  /** Shows the analysis a record of before the start, so that it goes on where it was; nothing is written. */
  remember(event: SensorEvent): void {
    if (event.type === 'alert' || event.type === 'flow' || event.type === 'protocol') this.#analysis.push(event.eve);
  }

  /** What a batch of lines becomes in the spool: its records, then the incidents they opened or changed. */
  take(lines: readonly string[]): SensorEvent[] {
    const events: SensorEvent[] = [];
    const changed = new Map<string, Incident>();
    this.lines += lines.length;
    for (const line of lines) {
      const eve = parseEveLine(line);
      if (eve === undefined) {
        this.unreadableLines++;
        continue;
      }
      this.stats = readEngineStats(eve) ?? this.stats;
      const event = toSpoolEvent(eve);
      if (event === undefined) continue;
      this.#count(eve);
      for (const incident of this.#analysis.push(eve).incidents) changed.set(incident.id, incident);
      if (this.#skip > 0) this.#skip--;
      else events.push(event);
    }
    for (const incident of changed.values()) {
      this.incidents++;
      events.push({ type: 'incident', timeUs: incident.lastUs, incident });
    }
    return events;
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
