// How far up the list an incident, a suspect or an alert belongs: -100..100, with the reasons in words.
import type { Phase } from '../api/incident.ts';
import type { EveAlert } from '../eve/record.ts';
import { type DialogEvent, sourceOf } from './dialog-event.ts';
import { STRONG } from './phase-weight.ts';
import type { Truth } from './truth.ts';

export interface Rank {
  rank: number;
  reasons: string[];
}

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
  const known = [...new Set(events.map(sourceOf))].flatMap((source) => truth.of(source) ?? []);
  // only where all that speaks here is known: one new voice may be the one that is right
  if (known.length > 0 && known.length === new Set(events.map(sourceOf)).size) {
    const share = Math.max(...known.map((one) => one.share));
    if (share < 0.1) sum.count(-20, 'what says so was hardly ever part of an incident here');
    else if (share > 0.5) sum.count(10, 'what says so was mostly right here');
    if (known.every(({ hosts }) => hosts >= 8)) sum.count(-10, 'the same is seen on many hosts');
  }
  return sum.rank;
}

const SEVERITY_POINTS: Readonly<Record<number, number>> = { 1: 40, 2: 20, 3: 0 };

/** Ranks one alert. @param inIncident an incident's host is one of its ends */
export function rankAlert(alert: EveAlert, inIncident: boolean, truth: Truth): Rank {
  const sum = new Sum();
  sum.count(SEVERITY_POINTS[alert.severity] ?? -10, `severity ${alert.severity}`);
  if (alert.metadata?.signature_severity?.[0]?.toLowerCase() === 'informational') {
    sum.count(-30, 'the rule calls itself informational');
  }
  const confidence = alert.metadata?.confidence?.[0]?.toLowerCase();
  if (confidence === 'high') sum.count(10, 'the rule is sure');
  if (confidence === 'low') sum.count(-10, 'the rule is unsure');
  if (inIncident) sum.count(40, 'its host has an incident');
  const known = truth.of(`${alert.gid}:${alert.signature_id}`);
  if (known === undefined) sum.count(10, 'rare: hardly ever seen here');
  else {
    sum.count(Math.round(known.share * 60 - 30), `${Math.round(known.share * 100)} % of its hits were in incidents`);
    if (known.hosts >= 8) sum.count(-10, 'seen on many hosts');
  }
  return sum.rank;
}
