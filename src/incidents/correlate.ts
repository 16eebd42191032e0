// Dialog events -> incidents, per internal host and on record time only. After BotHunter (Gu et al., USENIX Security
// 2007), section 3.1: an infection is a successful attack and one act of the host, or two different acts of it; being
// scanned counts towards the score only. Bounded: who only was attacked is given up before who acts.
import type { Incident, Suspect, Verdict } from '../api/incident.ts';
import { type DialogEvent, sourceOf } from './dialog-event.ts';
import { OUTBOUND, STRONG } from './phase-weight.ts';
import { Profile, type ProfileState } from './profile.ts';
import { isExpected } from './trusted.ts';
import { Truth } from './truth.ts';

/** an incident without news for this long is over: what follows is another */
export const QUIET_US = 24 * 3600 * 1_000_000;
/** least score; one weak sign of each of two phases stays below it */
export const LEAST_SCORE = 0.65;

/** What an event changed: the incident it opened or added to, or the host it made suspect, whole. */
export interface Finding {
  incident?: Incident;
  suspect?: Suspect;
}

export interface CorrelatorBounds {
  maxHosts: number;
  /** steps of all hosts together, about 700 bytes each */
  maxEvents: number;
}

export class Correlator {
  /** profiles given up to stay within the bounds */
  evictedHosts = 0;
  readonly truth = new Truth();
  readonly #acting = new Map<string, Profile>();
  readonly #attacked = new Map<string, Profile>();
  readonly #bounds: CorrelatorBounds;
  readonly #isTrusted: (address: string) => boolean;
  #events = 0;

  /** @param isTrusted the allow-list: see trusted.ts */
  constructor(isTrusted: (address: string) => boolean = () => false, bounds: Partial<CorrelatorBounds> = {}) {
    this.#isTrusted = isTrusted;
    this.#bounds = { maxHosts: 200_000, maxEvents: 400_000, ...bounds };
  }

  add(event: DialogEvent): Finding {
    if (isExpected(event, this.#isTrusted)) return {};
    const profile = this.#take(event);
    const news = profile.add(event);
    this.#keep(profile);
    this.truth.hit(sourceOf(event), event.host, profile.isIncident);
    if (!news) return {};
    if (profile.isIncident) profile.reopen(event.timeUs);
    else if (isInfection(profile)) this.#open(profile);
    if (profile.isIncident) return { incident: profile.incident(this.truth) };
    return { suspect: profile.suspect(this.truth) };
  }

  /** Whether a host has an incident that is not closed. */
  hasIncident(host: string): boolean {
    const profile = this.#acting.get(host);
    return profile?.isIncident === true && profile.state.verdict?.state !== 'closed';
  }

  /** Applies a person's word. @returns the incident as it is now; undefined where it is none of those known here */
  judge(host: string, id: string, verdict: Verdict): Incident | undefined {
    const profile = this.#acting.get(host);
    if (profile?.state.incidentId !== id) return undefined;
    const { events, verdict: before } = profile.state;
    const turned = Number(verdict.truth === 'false') - Number(before?.truth === 'false');
    for (const event of events) this.truth.correct(sourceOf(event), -turned * (event.count ?? 1));
    profile.judge(verdict);
    return profile.incident(this.truth);
  }

  /** What must survive a restart, the most important first: incidents, then hosts that act, newest first. */
  *states(): Generator<ProfileState> {
    const acting = [...this.#acting.values()].reverse();
    for (const wanted of [true, false])
      for (const profile of acting) if (profile.isIncident === wanted) yield profile.state;
  }

  /** Takes a state back; of hosts known already the one with later news stays. */
  restore(state: ProfileState): void {
    const known = this.#acting.get(state.host) ?? this.#attacked.get(state.host);
    if (known !== undefined && known.state.lastUs >= state.lastUs) return;
    if (known !== undefined) this.#drop(known);
    this.#keep(new Profile(state));
  }

  #open(profile: Profile): void {
    profile.openIncident();
    for (const event of profile.state.events) this.truth.correct(sourceOf(event), event.count ?? 1);
  }

  /** The profile of the event's host, out of the table until it is kept again. */
  #take(event: DialogEvent): Profile {
    const known = this.#acting.get(event.host) ?? this.#attacked.get(event.host);
    if (known === undefined) return new Profile(event.host);
    this.#drop(known);
    const over = known.isIncident && event.timeUs - known.state.lastUs > QUIET_US;
    return over ? new Profile(event.host) : known;
  }

  #drop(profile: Profile): void {
    this.#acting.delete(profile.state.host);
    this.#attacked.delete(profile.state.host);
    this.#events -= profile.state.events.length;
  }

  #keep(profile: Profile): void {
    (profile.acts ? this.#acting : this.#attacked).set(profile.state.host, profile);
    this.#events += profile.state.events.length;
    while (this.#isOver()) {
      const [oldest] = (this.#attacked.size > 0 ? this.#attacked : this.#acting).values();
      this.#drop(oldest);
      this.evictedHosts++;
    }
  }

  #isOver(): boolean {
    const hosts = this.#acting.size + this.#attacked.size;
    return hosts > this.#bounds.maxHosts || (this.#events > this.#bounds.maxEvents && hosts > 1);
  }
}

function isInfection(profile: Profile): boolean {
  const phases = profile.phases();
  const acts = phases.filter((phase) => OUTBOUND.has(phase)).length;
  if (acts === 0 || (acts === 1 && !phases.includes('exploit'))) return false;
  return profile.score() >= LEAST_SCORE && profile.state.events.some(({ confidence }) => confidence >= STRONG);
}
