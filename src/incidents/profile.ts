// What is known of one internal host: its dialog events within the window, and the incident they made, if any.
import { createHash } from 'node:crypto';
import { type Evidence, type Incident, PHASES, type Phase } from '../api/incident.ts';
import type { DialogEvent } from './dialog-event.ts';
import { PHASE_WEIGHT } from './phase-weight.ts';
import { rankIncident } from './rank.ts';

export const MAX_EVIDENCE = 100;

export class Profile {
  readonly host: string;
  /** distinct events, in order of time */
  events: DialogEvent[] = [];
  /** set once the events made an incident; never changes then */
  incidentId: string | undefined;
  firstUs = Number.POSITIVE_INFINITY;
  lastUs = Number.NEGATIVE_INFINITY;
  dropped = 0;

  constructor(host: string) {
    this.host = host;
  }

  /** Takes an event. @returns false for one that says nothing new but that it happened again */
  add(event: DialogEvent): boolean {
    this.lastUs = Math.max(this.lastUs, event.timeUs);
    this.firstUs = Math.min(this.firstUs, event.timeUs);
    const key = repeatKey(event);
    if (this.events.some((known) => repeatKey(known) === key)) return false;
    // a phase that was not seen before always has room: it changes what the incident is
    if (this.events.length >= MAX_EVIDENCE && this.events.some(({ phase }) => phase === event.phase)) {
      this.dropped++;
      // told at 1, 2, 4, 8, …: the count is news, but not each time
      return (this.dropped & (this.dropped - 1)) === 0;
    }
    // almost always at the end: events come nearly in order of time
    let at = this.events.length;
    while (at > 0 && isBefore(event, this.events[at - 1])) at--;
    this.events.splice(at, 0, event);
    return true;
  }

  /** Forgets events before `timeUs`; not those of an incident. */
  prune(timeUs: number): void {
    if (this.incidentId !== undefined || this.firstUs >= timeUs) return;
    this.events = this.events.filter((event) => event.timeUs >= timeUs);
    this.firstUs = this.events[0]?.timeUs ?? Number.POSITIVE_INFINITY;
  }

  phases(): Phase[] {
    const seen = new Set(this.events.map((event) => event.phase));
    return PHASES.filter((phase) => seen.has(phase));
  }

  /** Of each phase its strongest event, weighted. */
  score(): number {
    let score = 0;
    for (const phase of this.phases()) {
      const confidences = this.events.filter((event) => event.phase === phase).map((event) => event.confidence);
      score += PHASE_WEIGHT[phase] * Math.max(...confidences);
    }
    return Math.round(score * 1000) / 1000;
  }

  openIncident(): void {
    this.incidentId ??= createHash('sha256').update(`${this.host} ${this.firstUs}`).digest('hex').slice(0, 16);
  }

  /** The incident as others see it. */
  incident(): Incident {
    const phases = this.phases();
    const score = this.score();
    return {
      id: this.incidentId!,
      host: this.host,
      score,
      ...rankIncident(phases, this.events, score),
      phases,
      firstUs: this.firstUs,
      lastUs: this.lastUs,
      state: 'open',
      evidence: this.events.map(toEvidence),
      evidenceDropped: this.dropped,
    };
  }
}

const repeatKey = (event: DialogEvent): string =>
  `${event.phase} ${event.detector} ${event.rule?.split(':', 2).join(':') ?? ''} ${event.src_ip} ${event.dest_ip}`;

// at one instant the text decides, so that the order of input does not
const isBefore = (a: DialogEvent, b: DialogEvent): boolean =>
  a.timeUs < b.timeUs || (a.timeUs === b.timeUs && repeatKey(a) < repeatKey(b));

function toEvidence({ host: _host, confidence: _confidence, ...evidence }: DialogEvent): Evidence {
  return evidence;
}
