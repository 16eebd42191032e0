// A dialog event: one step of an infection dialogue, seen for one internal host. Detectors make them,
// the correlator joins them. After BotHunter (Gu et al., USENIX Security 2007), section 3.
import type { Evidence } from '../api/incident.ts';

export interface DialogEvent extends Evidence {
  /** the internal host (inside HOME_NET) that this step is about */
  host: string;
  /** 0..1: how sure the detector is */
  confidence: number;
}

/** The other end of a step, where the record names one. */
export const farEndOf = ({ host, src_ip, dest_ip }: DialogEvent): string | undefined =>
  src_ip === host ? dest_ip : src_ip;

/** What said it: a rule without its revision, or a detector. */
export function sourceOf({ rule, detector }: DialogEvent): string {
  return rule === undefined ? detector : rule.slice(0, rule.lastIndexOf(':'));
}
