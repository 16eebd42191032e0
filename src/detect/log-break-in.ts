// A login that succeeded, in the log, from an address that had attacked the same host before: by guessing or by any
// other exploit, seen on the wire or in the log. The attacker now has a session there, which makes the host his.
// Either may be told of first, since the wire's conversations are told of when they end.
import type { DialogEvent } from '../incidents/dialog-event.ts';
import type { IsHome } from './detector.ts';
import { endsOfLog, type LogDetector, type TiedLog } from './log-detector.ts';

/** An attack longer ago than this has nothing to do with the login. */
export const BREAK_IN_WINDOW_US = 3600 * 1_000_000;

interface Attack {
  timeUs: number;
  summary: string;
}

export class LogBreakInDetector implements LogDetector {
  readonly name = 'log-break-in';
  evictedKeys = 0;
  readonly #isHome: IsHome;
  readonly #maxKeys: number;
  /** the last of each attacker at each host */
  readonly #attacks = new Map<string, Attack>();
  readonly #logins = new Map<string, TiedLog & { host: string }>();

  constructor(isHome: IsHome, maxKeys = 20_000) {
    this.#isHome = isHome;
    this.#maxKeys = maxKeys;
  }

  observe(tied: TiedLog): DialogEvent[] {
    const { log, host } = tied;
    const { action, outcome, source } = log.fields ?? {};
    if (action !== 'login' || outcome !== 'success' || source === undefined || host === undefined) return [];
    const key = `${source} ${host}`;
    const login = { ...tied, host };
    this.#keep(this.#logins, key, login);
    const attack = this.#attacks.get(key);
    return attack === undefined ? [] : this.#compare(attack, login);
  }

  learn({ phase, host, src_ip, dest_ip, timeUs, summary }: DialogEvent): DialogEvent[] {
    const attacker = src_ip === host ? dest_ip : src_ip;
    if (phase !== 'exploit' || attacker === undefined) return [];
    const key = `${attacker} ${host}`;
    const attack = { timeUs, summary };
    this.#keep(this.#attacks, key, attack);
    const login = this.#logins.get(key);
    return login === undefined ? [] : this.#compare(attack, login);
  }

  #compare(attack: Attack, login: TiedLog & { host: string }): DialogEvent[] {
    const { log, host } = login;
    if (log.timeUs < attack.timeUs || log.timeUs - attack.timeUs > BREAK_IN_WINDOW_US) return [];
    const { user = 'somebody', method, source = '' } = log.fields ?? {};
    const how = method === undefined ? '' : ` by ${method}`;
    const summary = `login of ${user}${how} on ${host} succeeded after: ${attack.summary}`.slice(0, 300);
    const event = { timeUs: log.timeUs, detector: this.name, summary, confidence: 0.9, ...endsOfLog(login) };
    const events: DialogEvent[] = [{ ...event, phase: 'prepare', host }];
    if (this.#isHome(source)) events.push({ ...event, phase: 'spread', host: source });
    return events;
  }

  /** The keys longest untouched make room. */
  #keep<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= this.#maxKeys) return;
    map.delete(map.keys().next().value!);
    this.evictedKeys++;
  }
}
