// What each phase is worth, which of them a host does itself, and how long a step is remembered. After BotHunter (Gu et
// al., USENIX Security 2007), sections 3 and 4: being attacked proves nothing, acting does; any two acts weigh more
// than many of one; steps that are weak or many get a short (soft) window, the others a long (hard) one.
import type { Phase } from '../api/incident.ts';
import type { DialogEvent } from './dialog-event.ts';

export const PHASE_WEIGHT: Readonly<Record<Phase, number>> = {
  'scan-in': 0.3,
  exploit: 0.6,
  download: 0.7,
  c2: 0.8,
  spread: 0.8,
  prepare: 0.4,
  peer: 0.3,
  'known-bad': 0.4,
};

/** Phases in which the host itself acts. */
export const OUTBOUND: ReadonlySet<Phase> = new Set(['download', 'c2', 'spread', 'prepare', 'peer', 'known-bad']);

const HOUR_US = 3600 * 1_000_000;
/** strong steps further apart than this do not make an incident */
export const HARD_WINDOW_US = 12 * HOUR_US;
/** how long a weak step waits for another */
export const SOFT_WINDOW_US = HOUR_US;
/** from this on a detector is sure enough that its word alone shows a host as suspect */
export const STRONG = 0.5;

/** How long a step counts, in microseconds of record time. */
export const windowOf = ({ phase, confidence }: DialogEvent): number =>
  phase === 'scan-in' || confidence < STRONG ? SOFT_WINDOW_US : HARD_WINDOW_US;
