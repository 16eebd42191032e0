// Dialog events -> incidents, per internal host and on record time only. After BotHunter (Gu et al., USENIX Security
// 2007), section 3.1: an infection is a successful attack and one act of the host, or two different acts of it; being
// scanned counts towards the score only. Bounded: who only was attacked is given up first, who has an incident last.
import type { Incident, Suspect, Verdict } from '../api/incident.ts';
import { type DialogEvent, sourceOf } from './dialog-event.ts';
import { KnownHosts } from './known-hosts.ts';
import { findBond, type KnownEnds, Links, relate } from './links.ts';
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
  /** incidents of other hosts that turned out to belong together with it, each whole */
  related?: Incident[];
}

export interface CorrelatorBounds {
  maxHosts: number;
  /** steps of the hosts touched lately, about 700 bytes each */
  maxAwakeSteps: number;
  /** what is kept of the others */
  maxPackedBytes: number;
}

export class Correlator {
  /** profiles given up to stay within the bounds */
  evictedHosts = 0;
  readonly truth = new Truth();
  readonly #attacked: KnownHosts;
  readonly #acting: KnownHosts;
  readonly #infected: KnownHosts;
  /** in the order in which their hosts are given up */
  readonly #shelves: readonly KnownHosts[];
  readonly #bounds: CorrelatorBounds;
  readonly #isTrusted: (address: string) => boolean;
  readonly #links: Links;

  /** @param isTrusted the allow-list: see trusted.ts */
  constructor(
    isTrusted: (address: string) => boolean = () => false,
    bounds: Partial<CorrelatorBounds> = {},
    ends: KnownEnds = { isHome: () => false, isShared: () => false },
  ) {
    this.#isTrusted = isTrusted;
    this.#links = new Links(ends);
    this.#bounds = { maxHosts: 1_000_000, maxAwakeSteps: 15_000, maxPackedBytes: 160e6, ...bounds };
    const shelf = () => new KnownHosts(this.#bounds.maxAwakeSteps / 3);
    this.#shelves = [this.#attacked, this.#acting, this.#infected] = [shelf(), shelf(), shelf()];
  }

  add(event: DialogEvent): Finding {
    if (isExpected(event, this.#isTrusted)) return {};
    const profile = this.#take(event);
    const news = profile.add(event);
    this.truth.hit(sourceOf(event), event.host, profile.isIncident);
    let fresh = news ? [event] : [];
    if (news && profile.isIncident) profile.reopen(event.timeUs);
    else if (news && isInfection(profile)) {
      this.#open(profile);
      fresh = profile.state.events;
    }
    const related = this.#join(profile, fresh);
    // not before: where it is kept depends on what it is
    this.#keep(profile);
    if (!news) return {};
    if (profile.isIncident) return { incident: profile.incident(this.truth), related };
    return { suspect: profile.suspect(this.truth) };
  }

  /** Whether a host has an incident that is not closed. */
  hasIncident(host: string): boolean {
    const profile = this.#infected.get(host);
    return profile !== undefined && profile.state.verdict?.state !== 'closed';
  }

  /**
   * Applies a person's word.
   * @returns the incident as it is now, and those of other hosts that are joined to it, or no more; none where it is
   * not one of those known here
   */
  judge(host: string, id: string, verdict: Verdict): Incident[] {
    if (this.#infected.get(host)?.state.incidentId !== id) return [];
    const profile = this.#infected.take(host)!;
    const { events, verdict: before } = profile.state;
    const turned = Number(verdict.truth === 'false') - Number(before?.truth === 'false');
    for (const event of events) this.truth.correct(sourceOf(event), -turned * (event.count ?? 1));
    profile.judge(verdict);
    const others = profile.isJoinable ? this.#join(profile, events) : this.#part(profile);
    this.#keep(profile);
    return [profile.incident(this.truth), ...others];
  }

  /** What must survive a restart, the most important first: incidents, then hosts that act, newest first. */
  *states(): Generator<ProfileState> {
    for (const shelf of [this.#infected, this.#acting]) for (const profile of shelf.newestFirst()) yield profile.state;
  }

  /** Takes a state back; of hosts known already the one with later news stays. */
  restore(state: ProfileState): void {
    const known = this.#find(state.host);
    const profile = known !== undefined && known.state.lastUs >= state.lastUs ? known : new Profile(state);
    if (profile.isIncident) for (const step of profile.state.events) this.#links.note(step);
    this.#keep(profile);
  }

  #open(profile: Profile): void {
    profile.openIncident();
    for (const event of profile.state.events) this.truth.correct(sourceOf(event), event.count ?? 1);
  }

  /** Joins incidents of other hosts by what is new of this one. @returns those that did not know it */
  #join(profile: Profile, fresh: readonly DialogEvent[]): Incident[] {
    if (!profile.isJoinable) return [];
    const { host: own } = profile.state;
    const isKnown = (host: string) => profile.state.related?.some((one) => one.host === host);
    const isQuiet = (host: string) => host !== own && !this.#infected.has(host) && !this.#acting.has(host);
    const joined: Incident[] = [];
    for (const step of fresh) {
      for (const host of this.#links.candidates(step, isQuiet)) {
        const other = isKnown(host) ? undefined : this.#infected.get(host);
        const bond = other?.isJoinable ? findBond(step, other) : undefined;
        if (other === undefined || bond === undefined || !relate(profile, other, bond)) continue;
        this.#infected.take(host);
        this.#infected.put(other);
        joined.push(other.incident(this.truth));
      }
      this.#links.note(step);
    }
    return joined;
  }

  /** Takes the bonds with other hosts' incidents back. @returns those that had one */
  #part(profile: Profile): Incident[] {
    const { related = [], incidentId } = profile.state;
    profile.state.related = undefined;
    return related.flatMap(({ host, id }) => {
      const other = this.#infected.get(host);
      if (other?.state.incidentId !== id) return [];
      this.#infected.take(host);
      other.unrelate(incidentId);
      this.#infected.put(other);
      return other.incident(this.truth);
    });
  }

  /** The profile of the event's host, out of the tables until it is kept again. */
  #take(event: DialogEvent): Profile {
    const known = this.#find(event.host);
    const over = known?.isIncident && event.timeUs - known.state.lastUs > QUIET_US;
    return known === undefined || over ? new Profile(event.host) : known;
  }

  #find(host: string): Profile | undefined {
    return this.#attacked.take(host) ?? this.#acting.take(host) ?? this.#infected.take(host);
  }

  #keep(profile: Profile): void {
    const shelf = profile.isIncident ? this.#infected : profile.acts ? this.#acting : this.#attacked;
    shelf.put(profile);
    while (this.#isOver()) {
      this.#shelves.find(({ size }) => size > 0)!.giveUpOldest();
      this.evictedHosts++;
    }
  }

  #isOver(): boolean {
    let hosts = 0;
    let packedBytes = 0;
    for (const shelf of this.#shelves) {
      hosts += shelf.size;
      packedBytes += shelf.packedBytes;
    }
    return hosts > this.#bounds.maxHosts || packedBytes > this.#bounds.maxPackedBytes;
  }
}

function isInfection(profile: Profile): boolean {
  const phases = profile.phases();
  const acts = phases.filter((phase) => OUTBOUND.has(phase)).length;
  if (acts === 0 || (acts === 1 && !phases.includes('exploit'))) return false;
  return profile.score() >= LEAST_SCORE && profile.state.events.some(({ confidence }) => confidence >= STRONG);
}
