// What is known of one internal host: its steps within their windows, and the incident they made, if any.
import { createHash } from 'node:crypto';
import {
  type Evidence,
  type Incident,
  PHASES,
  type Phase,
  type Related,
  type Suspect,
  type Verdict,
} from '../api/incident.ts';
import { actorsOf } from './actors.ts';
import { type DialogEvent, sourceOf } from './dialog-event.ts';
import { OUTBOUND, PHASE_WEIGHT, STRONG, windowOf } from './phase-weight.ts';
import { type Rank, rankProfile } from './rank.ts';
import type { Truth } from './truth.ts';

export const MAX_EVIDENCE = 100;
const SUSPECT_EVIDENCE = 5;

/** What a profile is made of; as JSON it is what survives a restart. */
export interface ProfileState {
  host: string;
  incidentId?: string;
  verdict?: Verdict;
  reopened: number;
  firstUs: number;
  lastUs: number;
  dropped: number;
  related?: Related[];
  /** distinct steps, in order of time */
  events: DialogEvent[];
}

export class Profile {
  readonly state: ProfileState;

  constructor(state: string | ProfileState) {
    this.state =
      typeof state === 'string'
        ? { host: state, reopened: 0, firstUs: Infinity, lastUs: -Infinity, dropped: 0, events: [] }
        : state;
  }

  get isIncident(): boolean {
    return this.state.incidentId !== undefined;
  }

  /** Whether it holds more than what others did to it. */
  get acts(): boolean {
    return this.isIncident || this.state.events.some(({ phase }) => OUTBOUND.has(phase));
  }

  /** Takes a step. @returns false for one that says nothing new but that it happened again */
  add(event: DialogEvent): boolean {
    const { state } = this;
    state.lastUs = Math.max(state.lastUs, event.timeUs);
    this.#prune();
    if (!this.isIncident && state.lastUs - event.timeUs > windowOf(event)) return false;
    state.firstUs = Math.min(state.firstUs, event.timeUs);
    const known = state.events.find((other) => isSameStep(other, event));
    if (known !== undefined) {
      known.count = (known.count ?? 1) + 1;
      known.lastUs = Math.max(known.lastUs ?? known.timeUs, event.timeUs);
      if (event.confidence <= known.confidence) return false;
      known.confidence = event.confidence;
      known.summary = event.summary;
      return true;
    }
    // a phase that was not seen before always has room: it changes what the incident is
    if (state.events.length >= MAX_EVIDENCE && state.events.some(({ phase }) => phase === event.phase)) {
      state.dropped++;
      // told at 1, 2, 4, 8, …: the count is news, but not each time
      return (state.dropped & (state.dropped - 1)) === 0;
    }
    // almost always at the end: events come nearly in order of time
    let at = state.events.length;
    while (at > 0 && isBefore(event, state.events[at - 1])) at--;
    state.events.splice(at, 0, { ...event });
    return true;
  }

  phases(): Phase[] {
    const seen = new Set(this.state.events.map((event) => event.phase));
    return PHASES.filter((phase) => seen.has(phase));
  }

  /** Of each phase its strongest step, weighted. */
  score(): number {
    const strongest: Partial<Record<Phase, number>> = {};
    for (const { phase, confidence } of this.state.events)
      strongest[phase] = Math.max(strongest[phase] ?? 0, confidence);
    const score = PHASES.reduce((sum, phase) => sum + PHASE_WEIGHT[phase] * (strongest[phase] ?? 0), 0);
    return Math.round(score * 1000) / 1000;
  }

  openIncident(): void {
    const { host, firstUs } = this.state;
    this.state.incidentId ??= createHash('sha256').update(`${host} ${firstUs}`).digest('hex').slice(0, 16);
  }

  /** Whether incidents of other hosts may be joined to it: not what a person called a false alarm. */
  get isJoinable(): boolean {
    const { verdict } = this.state;
    return this.isIncident && !(verdict?.state === 'closed' && verdict.truth === 'false');
  }

  /** Notes that another incident belongs together with this one. @returns false where that was known, or there is no room */
  relate({ state: { incidentId, host } }: Profile, bond: Pick<Related, 'by' | 'phase'>, most: number): boolean {
    const known = this.state.related ?? [];
    if (incidentId === undefined || known.length >= most || known.some(({ id }) => id === incidentId)) return false;
    this.state.related = [...known, { id: incidentId, host, ...bond }];
    return true;
  }

  /** Takes the bond with another incident back. */
  unrelate(id: string | undefined): void {
    const left = this.state.related?.filter((one) => one.id !== id);
    this.state.related = left?.length === 0 ? undefined : left;
  }

  /** A person's word. */
  judge(verdict: Verdict): void {
    this.state.verdict = verdict;
  }

  /** New evidence on what a person had closed. */
  reopen(timeUs: number): void {
    const { state } = this;
    if (state.verdict?.state !== 'closed') return;
    state.verdict = { ...state.verdict, state: 'open', timeUs };
    state.reopened++;
  }

  /** The incident as others see it. */
  incident(truth: Truth): Incident {
    const { incidentId, host, events, firstUs, lastUs, verdict, reopened, dropped, related } = this.state;
    const phases = this.phases();
    const score = this.score();
    return {
      id: incidentId!,
      host,
      score,
      ...this.#rank(phases, score, truth),
      phases,
      actors: actorsOf(events),
      firstUs,
      lastUs,
      state: verdict?.state ?? 'open',
      ...(verdict === undefined ? {} : { verdict }),
      ...(reopened === 0 ? {} : { reopened }),
      ...(related === undefined ? {} : { related }),
      evidence: events.map(toEvidence),
      evidenceDropped: dropped,
    };
  }

  /** The host as one to look at, where a step of it is loud enough; undefined otherwise. */
  suspect(truth: Truth): Suspect | undefined {
    const { host, events, firstUs, lastUs } = this.state;
    const loud = events.some(({ phase, confidence }) => confidence >= STRONG && phase !== 'scan-in');
    if (!loud) return undefined;
    const phases = this.phases();
    const evidence = events.slice(-SUSPECT_EVIDENCE).map(toEvidence);
    return { host, ...rankProfile(phases, events, this.score(), truth), phases, firstUs, lastUs, evidence };
  }

  /** What a person closed goes to the end of the list. */
  #rank(phases: readonly Phase[], score: number, truth: Truth): Rank {
    const { events, verdict } = this.state;
    const { rank, reasons } = rankProfile(phases, events, score, truth);
    if (verdict?.state !== 'closed') return { rank, reasons };
    return { rank: Math.max(-100, rank - 100), reasons: [...reasons, `-100 closed by ${verdict.by}`] };
  }

  /** Forgets steps whose window is over; not those of an incident. */
  #prune(): void {
    const { state } = this;
    if (this.isIncident || state.events.every((event) => state.lastUs - lastOf(event) <= windowOf(event))) return;
    state.events = state.events.filter((event) => state.lastUs - lastOf(event) <= windowOf(event));
    state.firstUs = state.events[0]?.timeUs ?? Number.POSITIVE_INFINITY;
  }
}

const lastOf = (event: DialogEvent): number => event.lastUs ?? event.timeUs;

const isSameStep = (a: DialogEvent, b: DialogEvent): boolean =>
  a.dest_ip === b.dest_ip &&
  a.src_ip === b.src_ip &&
  a.phase === b.phase &&
  a.detector === b.detector &&
  sourceOf(a) === sourceOf(b);

const orderKey = (event: DialogEvent): string =>
  `${event.phase} ${event.detector} ${sourceOf(event)} ${event.src_ip} ${event.dest_ip}`;

// at one instant the text decides, so that the order of input does not
const isBefore = (a: DialogEvent, b: DialogEvent): boolean =>
  a.timeUs < b.timeUs || (a.timeUs === b.timeUs && orderKey(a) < orderKey(b));

function toEvidence({ host: _host, confidence: _confidence, ...evidence }: DialogEvent): Evidence {
  return evidence;
}
