// The one engine of ids and of `mss import`: EVE records in order of time -> dialog events -> incidents.
import type { Incident } from '../api/incident.ts';
import { AlertDetector } from '../detect/alert.ts';
import { BruteForceDetector } from '../detect/brute-force.ts';
import type { Detector } from '../detect/detector.ts';
import { ExecutableDownloadDetector } from '../detect/executable-download.ts';
import { ScanDetector } from '../detect/scan.ts';
import { eventTimeUs } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';
import { Correlator } from '../incidents/correlate.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { createHomeTest } from './home-side.ts';

export class Analysis {
  readonly #detectors: Detector[];
  readonly #correlator = new Correlator();
  /** whether an address is inside HOME_NET */
  readonly isHome: (address: string) => boolean;

  /**
   * @param homeNet blocks as in the configuration
   * @throws MssError 'network' for a block that is none
   */
  constructor(homeNet: readonly string[]) {
    const isHome = createHomeTest(homeNet);
    this.isHome = isHome;
    this.#detectors = [
      new AlertDetector(isHome),
      new ScanDetector(isHome),
      new BruteForceDetector(isHome),
      new ExecutableDownloadDetector(isHome),
    ];
  }

  /** Sources and hosts that were given up to bound the memory: what they did next may not have been joined to it. */
  get evicted(): number {
    return this.#detectors.reduce((sum, { evictedKeys = 0 }) => sum + evictedKeys, this.#correlator.evictedHosts);
  }

  /** Takes one record; gives what was seen in it and the incidents that it opened or changed, each whole. */
  push(record: EveRecord): { events: DialogEvent[]; incidents: Incident[] } {
    const timeUs = eventTimeUs(record);
    const events = this.#detectors.flatMap((detector) => detector.observe(record, timeUs));
    const changed = new Map<string, Incident>();
    for (const event of events) {
      const incident = this.#correlator.add(event);
      if (incident !== undefined) changed.set(incident.id, incident);
    }
    return { events, incidents: [...changed.values()] };
  }
}
