// Password guessing as the guessed server tells it: many refused logins of one source at one host, in its log.
import type { DialogEvent } from '../incidents/dialog-event.ts';
import type { IsHome } from './detector.ts';
import { endsOfLog, type LogDetector, type TiedLog } from './log-detector.ts';
import { TargetWindows } from './target-windows.ts';

export const LOG_GUESS_WINDOW_US = 5 * 60 * 1_000_000;
/** A person who mistypes gives up earlier; sshd tells of one guess in up to two lines. */
export const LOG_GUESSES = 10;

export class LogBruteForceDetector implements LogDetector {
  readonly name = 'log-brute-force';
  readonly #isHome: IsHome;
  readonly #windows = new TargetWindows(LOG_GUESS_WINDOW_US);
  #serial = 0;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#windows.evictedKeys;
  }

  observe(tied: TiedLog): DialogEvent[] {
    const { log, host } = tied;
    const { action, outcome, source } = log.fields ?? {};
    if (action !== 'login' || outcome !== 'failure' || source === undefined || host === undefined) return [];
    if (source === host) return [];
    // each decoder by itself: sshd and PAM tell of the same guess
    const guesses = this.#windows.add(
      `${log.decoder} ${source} ${host}`,
      String(this.#serial++),
      log.timeUs,
      LOG_GUESSES,
    );
    if (guesses === undefined || guesses.length === 1) return [];
    const minutes = LOG_GUESS_WINDOW_US / 60e6;
    const summary = `${log.app ?? log.decoder} on ${host} refused ${LOG_GUESSES} logins or more within ${minutes} minutes`;
    const event = { timeUs: log.timeUs, detector: this.name, summary, confidence: 0.6, ...endsOfLog(tied) };
    const events: DialogEvent[] = [{ ...event, phase: 'exploit', host }];
    if (this.#isHome(source)) events.push({ ...event, phase: 'spread', host: source });
    return events;
  }
}
