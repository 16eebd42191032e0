// Dialog events -> incidents, per internal host and on record time only. After BotHunter (Gu et al., USENIX Security
// 2007): no single step is an infection; two different ones are, when the host itself does at least one of them.
import type { Incident } from '../api/incident.ts';
import type { DialogEvent } from './dialog-event.ts';
import { OUTBOUND } from './phase-weight.ts';
import { Profile } from './profile.ts';

const HOUR_US = 3600 * 1_000_000;
/** events further apart than this do not make an incident */
export const JOIN_WINDOW_US = 4 * HOUR_US;
/** an incident without news for this long is over: what follows is another */
export const QUIET_US = 24 * HOUR_US;
/** least score; one weak sign of each of two phases stays below it */
export const LEAST_SCORE = 0.5;

export class Correlator {
  /** profiles given up to stay within the bound */
  evictedHosts = 0;
  readonly #profiles = new Map<string, Profile>();
  readonly #maxHosts: number;

  constructor(maxHosts = 100_000) {
    this.#maxHosts = maxHosts;
  }

  /** Takes an event; gives the incident it opened or added to, whole. */
  add(event: DialogEvent): Incident | undefined {
    const profile = this.#profileOf(event);
    const news = profile.add(event);
    if (profile.incidentId !== undefined) return news ? profile.incident() : undefined;
    if (!news || !isInfection(profile)) return undefined;
    profile.openIncident();
    return profile.incident();
  }

  #profileOf(event: DialogEvent): Profile {
    let profile = this.#profiles.get(event.host);
    if (profile?.incidentId !== undefined && event.timeUs - profile.lastUs > QUIET_US) profile = undefined;
    profile ??= new Profile(event.host);
    profile.prune(event.timeUs - JOIN_WINDOW_US);
    this.#profiles.delete(event.host);
    this.#profiles.set(event.host, profile);
    if (this.#profiles.size > this.#maxHosts) {
      this.#profiles.delete(this.#profiles.keys().next().value!);
      this.evictedHosts++;
    }
    return profile;
  }
}

function isInfection(profile: Profile): boolean {
  const phases = profile.phases();
  return phases.length >= 2 && phases.some((phase) => OUTBOUND.has(phase)) && profile.score() >= LEAST_SCORE;
}
