// A scan as a firewall tells it: one source denied at many ports of one host. Where the sensor stands behind the
// firewall, the wire never shows it.
import type { DialogEvent } from '../incidents/dialog-event.ts';
import type { IsHome } from './detector.ts';
import { endsOfLog, type LogDetector, type TiedLog } from './log-detector.ts';
import { isGroupAddress, SCAN_WINDOW_US, VERTICAL_PORTS } from './scan.ts';
import { TargetWindows } from './target-windows.ts';

export class LogDeniedScanDetector implements LogDetector {
  readonly name = 'log-denied-scan';
  readonly #isHome: IsHome;
  readonly #windows = new TargetWindows(SCAN_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#windows.evictedKeys;
  }

  observe(tied: TiedLog): DialogEvent[] {
    const { log } = tied;
    const { action, outcome, source, destination, destinationPort, protocol } = log.fields ?? {};
    if (action !== 'connect' || outcome !== 'deny' || !source || !destination || !destinationPort) return [];
    if (isGroupAddress(destination) || !(this.#isHome(source) || this.#isHome(destination))) return [];
    const target = `${protocol} ${destinationPort}`;
    const ports = this.#windows.add(`${source} ${destination}`, target, log.timeUs, VERTICAL_PORTS);
    if (ports === undefined || ports.length === 1) return [];
    const minutes = SCAN_WINDOW_US / 60e6;
    const summary = `${log.decoder}: denied at ${VERTICAL_PORTS} ports or more of ${destination} within ${minutes} minutes`;
    const event = { timeUs: log.timeUs, detector: this.name, summary, ...endsOfLog(tied) };
    const events: DialogEvent[] = [];
    if (this.#isHome(destination)) events.push({ ...event, phase: 'scan-in', host: destination, confidence: 0.6 });
    if (this.#isHome(source)) events.push({ ...event, phase: 'spread', host: source, confidence: 0.7 });
    return events;
  }
}
