// Which incidents belong together: hosts that one attacker, egg source or controller was seen with, and a host with those
// it attacked itself. Says who may belong to whom; the correlator knows whether they have incidents. Guarded against what
// many have in common without it: resolvers, own servers, addresses that quiet hosts talk to as well.
import type { Phase, Related } from '../api/incident.ts';
import { type DialogEvent, farEndOf } from './dialog-event.ts';
import { HARD_WINDOW_US, STRONG } from './phase-weight.ts';
import type { Profile } from './profile.ts';

/** What is known of addresses beside the steps. */
export interface KnownEnds {
  isHome(address: string): boolean;
  /** Whether several hosts talk to it of whom nothing else is known: a service that many use, hardly one hand. */
  isShared(address: string, isQuiet: (host: string) => boolean): boolean;
}

/** The far end of these is the hand behind it; who scans, and who is on a list, is known to half the world. */
const OF_ONE_HAND: ReadonlySet<Phase> = new Set(['exploit', 'download', 'c2']);
/** A step about a name is seen at the resolver, which everybody asks. */
const NAME_PORTS: ReadonlySet<number> = new Set([53, 853, 5353]);
const MAX_ADDRESSES = 50_000;
/** of one address, the newest; and links of one incident */
const MAX_HOSTS = 50;

export class Links {
  readonly #hosts = new Map<string, string[]>();
  readonly #ends: KnownEnds;

  constructor(ends: KnownEnds) {
    this.#ends = ends;
  }

  /** Remembers that the incident of `host` has this step. */
  note(step: DialogEvent): void {
    const end = this.#sharedEndOf(step);
    if (end === undefined) return;
    const hosts = this.#hosts.get(end)?.filter((host) => host !== step.host) ?? [];
    hosts.push(step.host);
    if (hosts.length > MAX_HOSTS) hosts.shift();
    this.#hosts.delete(end);
    this.#hosts.set(end, hosts);
    if (this.#hosts.size > MAX_ADDRESSES) this.#hosts.delete(this.#hosts.keys().next().value!);
  }

  /**
   * Hosts whose incidents, if they have one, may be joined to that of the step's host by this step.
   * @param isQuiet whether nothing is known of a host
   */
  *candidates(step: DialogEvent, isQuiet: (host: string) => boolean): Generator<string> {
    const far = farEndOf(step);
    if (far === undefined || step.confidence < STRONG) return;
    if ((step.phase === 'exploit' || step.phase === 'spread') && this.#ends.isHome(far)) yield far;
    const end = this.#sharedEndOf(step);
    if (end === undefined || this.#ends.isShared(end, isQuiet)) return;
    for (const host of this.#hosts.get(end) ?? []) if (host !== step.host) yield host;
  }

  /** The end that joins all who have such a step: inside only an attacker, since own servers answer many. */
  #sharedEndOf({ phase, confidence, dest_port, ...step }: DialogEvent): string | undefined {
    if (!OF_ONE_HAND.has(phase) || confidence < STRONG || NAME_PORTS.has(dest_port ?? -1)) return undefined;
    const far = farEndOf({ phase, confidence, ...step });
    return far === undefined || (phase !== 'exploit' && this.#ends.isHome(far)) ? undefined : far;
  }
}

/** What joins the incident with `step` to another one; undefined where that has no step to match, or not in time. */
export function findBond(step: DialogEvent, other: Profile): Pick<Related, 'by' | 'phase'> | undefined {
  const far = farEndOf(step);
  const has = (phases: ReadonlySet<Phase>, end: string) =>
    other.state.events.some(
      (event) =>
        phases.has(event.phase) &&
        event.confidence >= STRONG &&
        farEndOf(event) === end &&
        !NAME_PORTS.has(event.dest_port ?? -1) &&
        isNear(step, event),
    );
  if (far === undefined) return undefined;
  if (far === other.state.host) {
    if (step.phase === 'exploit' && has(SPREAD, step.host)) return { by: far, phase: 'spread' };
    if (step.phase === 'spread' && has(EXPLOIT, step.host)) return { by: step.host, phase: 'spread' };
    return undefined;
  }
  return OF_ONE_HAND.has(step.phase) && has(OF_ONE_HAND, far) ? { by: far, phase: step.phase } : undefined;
}

const SPREAD: ReadonlySet<Phase> = new Set(['spread']);
const EXPLOIT: ReadonlySet<Phase> = new Set(['exploit']);

const isNear = (step: DialogEvent, other: DialogEvent): boolean =>
  step.timeUs - (other.lastUs ?? other.timeUs) <= HARD_WINDOW_US && other.timeUs - step.timeUs <= HARD_WINDOW_US;

/** Writes the bond into both. @returns whether the other one did not know it */
export function relate(one: Profile, other: Profile, bond: Pick<Related, 'by' | 'phase'>): boolean {
  one.relate(other, bond, MAX_HOSTS);
  return other.relate(one, bond, MAX_HOSTS);
}
