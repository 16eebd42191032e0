// What each phase is worth, and which of them a host does itself. After BotHunter (Gu et al., USENIX Security 2007),
// section 4.2: being attacked proves nothing, acting does; any two weigh more than many of one.
import type { Phase } from '../api/incident.ts';

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
export const OUTBOUND: ReadonlySet<Phase> = new Set(['download', 'c2', 'spread', 'prepare', 'peer']);
