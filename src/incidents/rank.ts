// How far up the list an incident belongs: -100..100, with the reasons in words.
import type { Phase } from '../api/incident.ts';
import type { DialogEvent } from './dialog-event.ts';

export interface Rank {
  rank: number;
  reasons: string[];
}

/** Ranks a profile; `score` is the correlator's. Each reason carries what it added or took. */
export function rankIncident(phases: readonly Phase[], events: readonly DialogEvent[], score: number): Rank {
  const reasons: string[] = [];
  let rank = 0;
  const count = (points: number, why: string) => {
    if (points === 0) return;
    rank += points;
    reasons.push(`${points > 0 ? '+' : ''}${points} ${why}`);
  };
  count(Math.round(Math.min(60, score * 35)), `score ${score.toFixed(2)}`);
  count(Math.min(30, (phases.length - 2) * 10), `${phases.length} phases`);
  const first = (wanted: readonly Phase[]) =>
    Math.min(...events.filter((event) => wanted.includes(event.phase)).map((event) => event.timeUs));
  const attacked = first(['scan-in', 'exploit']);
  const acted = first(['download', 'c2', 'spread']);
  if (Number.isFinite(attacked) && Number.isFinite(acted)) {
    count(
      attacked <= acted ? 10 : -10,
      attacked <= acted ? 'attacked first, acted then' : 'acted before it was attacked',
    );
  }
  const detectors = new Set(events.map((event) => event.detector));
  if (detectors.size > 1) count(10, `seen by ${[...detectors].sort().join(' and ')}`);
  if (Math.max(...events.map((event) => event.confidence)) < 0.5) count(-30, 'no evidence is strong');
  return { rank: Math.max(-100, Math.min(100, rank)), reasons };
}
