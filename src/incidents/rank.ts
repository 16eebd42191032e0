// How far up the list an incident, a suspect or an alert belongs: -100..100, with the reasons in words.
import type { Phase } from '../api/incident.ts';
import type { EveAlert } from '../eve/record.ts';
import { type DialogEvent, sourceOf } from './dialog-event.ts';
import { STRONG } from './phase-weight.ts';
import { LEARNED_HITS, type Truth } from './truth.ts';

export interface Rank {
  rank: number;
  reasons: string[];
}

// of the smoothed share: one true hit in thirteen, and more than half
const HARDLY_EVER = 0.2;
const MOSTLY = 0.5;

class Sum {
  readonly reasons: string[] = [];
  #points = 0;

  count(points: number, why: string): void {
    if (points === 0) return;
    this.#points += points;
    this.reasons.push(`${points > 0 ? '+' : ''}${points} ${why}`);
  }

  get rank(): Rank {
    return { rank: Math.max(-100, Math.min(100, this.#points)), reasons: this.reasons };
  }
}

/** Ranks a profile; `score` is the correlator's. Each reason carries what it added or took. */
export function rankProfile(
  phases: readonly Phase[],
  events: readonly DialogEvent[],
  score: number,
  truth: Truth,
): Rank {
  const sum = new Sum();
  sum.count(Math.round(Math.min(60, score * 35)), `score ${score.toFixed(2)}`);
  sum.count(Math.min(30, (phases.length - 2) * 10), `${phases.length} phase${phases.length === 1 ? '' : 's'}`);
  const first = (wanted: readonly Phase[]) =>
    Math.min(...events.filter((event) => wanted.includes(event.phase)).map((event) => event.timeUs));
  const attacked = first(['scan-in', 'exploit']);
  const acted = first(['download', 'c2', 'spread']);
  if (Number.isFinite(attacked) && Number.isFinite(acted)) {
    sum.count(
      attacked <= acted ? 10 : -10,
      attacked <= acted ? 'attacked first, acted then' : 'acted before it was attacked',
    );
  }
  const detectors = new Set(events.map((event) => event.detector));
  if (detectors.size > 1) sum.count(10, `seen by ${[...detectors].sort().join(' and ')}`);
  if (phases.includes('known-bad')) sum.count(10, 'speaks with an address of bad reputation');
  if (Math.max(...events.map((event) => event.confidence)) < STRONG) sum.count(-30, 'no evidence is strong');
  const known = [...new Set(events.map(sourceOf))].flatMap((source) => {
    const one = truth.of(source);
    return one === undefined || one.hits < LEARNED_HITS ? [] : one;
  });
  // only where all that speaks here is known: one new voice may be the one that is right
  if (known.length > 0 && known.length === new Set(events.map(sourceOf)).size) {
    const share = Math.max(...known.map((one) => one.share));
    if (share < HARDLY_EVER) sum.count(-20, 'what says so was hardly ever part of an incident here');
    else if (share > MOSTLY) sum.count(10, 'what says so was mostly right here');
    if (known.every(({ hosts }) => hosts >= 8)) sum.count(-10, 'the same is seen on many hosts');
  }
  return sum.rank;
}

const SEVERITY_POINTS: Readonly<Record<number, number>> = { 1: 40, 2: 20, 3: 0 };
/** what a host does or has done to it; the other phases come about without any attack, too */
const GRAVE: ReadonlySet<Phase> = new Set(['exploit', 'download', 'c2', 'spread']);

/** What is known of an alert beside what it says itself. */
export interface AlertFacts {
  /** an incident's host is one of its ends */
  inIncident: boolean;
  /** the phase of an infection its rule speaks of */
  phase?: Phase;
  /** an end of it that a list, or a rule made of one, calls bad */
  badPeer?: string;
  /** how the server turned down what was tried, in the engine's words */
  refusal?: string;
  /** the hits of its rule until now */
  truth: Truth;
}

/** Ranks one alert. */
export function rankAlert(alert: EveAlert, { inIncident, phase, badPeer, refusal, truth }: AlertFacts): Rank {
  const sum = new Sum();
  sum.count(SEVERITY_POINTS[alert.severity] ?? -10, `severity ${alert.severity}`);
  if (alert.metadata?.signature_severity?.[0]?.toLowerCase() === 'informational') {
    sum.count(-30, 'the rule calls itself informational');
  }
  const confidence = alert.metadata?.confidence?.[0]?.toLowerCase();
  if (confidence === 'high') sum.count(10, 'the rule is sure');
  if (confidence === 'low') sum.count(-10, 'the rule is unsure');
  if (phase === undefined) sum.count(-15, 'speaks of no step of an infection');
  else sum.count(GRAVE.has(phase) ? 15 : 5, `speaks of ${phase}`);
  if (inIncident) sum.count(40, 'its host has an incident');
  if (badPeer !== undefined) sum.count(20, `${badPeer} is of bad reputation`);
  if (refusal !== undefined) sum.count(-10, `the server refused it: ${refusal}`);
  const known = truth.of(`${alert.gid}:${alert.signature_id}`);
  if (known === undefined || known.hits < LEARNED_HITS) sum.count(10, 'rare: hardly ever seen here');
  if (known === undefined) return sum.rank;
  // a share that few hits tell of is near one half, and counts for little
  sum.count(Math.round(known.share * 60 - 30), `${Math.round(known.share * 100)} % of ${known.hits} hits in incidents`);
  if (known.hosts >= 8) sum.count(-10, 'seen on many hosts');
  return sum.rank;
}
