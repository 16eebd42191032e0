// A dialog event: one step of an infection dialogue, seen for one internal host. Detectors make them,
// the correlator joins them. After BotHunter (Gu et al., USENIX Security 2007), section 3.
import type { Evidence } from '../api/incident.ts';

export interface DialogEvent extends Evidence {
  /** the internal host (inside HOME_NET) that this step is about */
  host: string;
  /** 0..1: how sure the detector is */
  confidence: number;
}
