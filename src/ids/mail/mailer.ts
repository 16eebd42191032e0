// Tells people: gathers occasions, makes letters of them when their time has come, and brings the letters out by mail and
// webhook. What is gathered and what is on its way lies on disk: told at least once, whatever restarts.
import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SensorEvent } from '../../api/event.ts';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { messageOf } from '../../errors.ts';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import { type FindOrigin, openOrigins } from '../../os/origin-files.ts';
import type { Service } from '../../os/run-service.ts';
import { findStatus } from '../../os/status-file.ts';
import type { Paths, ServiceName } from '../../paths.ts';
import { HealthWatch } from '../../respond/health-watch.ts';
import { Digest, type DigestState } from '../../respond/mail/digest.ts';
import { occasionOf } from '../../respond/occasion.ts';
import { bringLetter } from './bring-letter.ts';
import { Outbox, type Way } from './outbox.ts';

/** The services whose trouble is told; ids itself speaks through its notices. */
const WATCHED: readonly ServiceName[] = ['capture', 'syslog-x', 'updater', 'portal'];
const TURN_MS = 1000;
const LOOK_MS = 15_000;
/** A server that refuses is asked again after a minute, then after twice that, up to half an hour. */
const RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 30 * 60_000;

interface Attempts {
  failed: number;
  nextMs: number;
}

export class Mailer {
  #service: Service;
  #at: Paths;
  #config: SensorConfig;
  #outbox: Outbox;
  #digest: Digest;
  #health = new HealthWatch();
  #changed = false;
  #attempts: Record<Way, Attempts> = { mail: { failed: 0, nextMs: 0 }, webhook: { failed: 0, nextMs: 0 } };
  readonly #tell: (text: string) => void;
  readonly #findOrigin: FindOrigin;

  /** @param tell takes what the health watch found, for the pages too */
  constructor(service: Service, at: Paths, config: SensorConfig, tell: (text: string) => void) {
    this.#service = service;
    this.#at = at;
    this.#config = config;
    this.#tell = tell;
    this.#findOrigin = openOrigins(at.originsDirs);
    this.#outbox = new Outbox(join(at.stateDir('ids'), 'outbox'));
    this.#digest = new Digest(this.#readState());
  }

  /** Takes a changed configuration; letters on their way go by it too. */
  configure(config: SensorConfig): void {
    this.#config = config;
    for (const attempts of Object.values(this.#attempts)) attempts.nextMs = 0;
  }

  /** Notes an event that is on its way to the spool. */
  offer(event: SensorEvent): void {
    const { mail } = this.#config;
    if (mail.to === '' && mail.webhook === '') return;
    const occasion = occasionOf(event, this.#findOrigin);
    if (occasion === undefined || !mail.about.includes(occasion.topic)) return;
    this.#digest.add(occasion, Date.now());
    this.#changed = true;
  }

  /** Puts what was gathered on disk; before the bookmark that says it was seen. @throws MssError 'io' */
  keep(): void {
    if (!this.#changed) return;
    writeFileAtomic(this.#stateFile(), JSON.stringify(this.#digest.state));
    this.#changed = false;
  }

  /** Until the service stops. */
  async run(): Promise<void> {
    const { signal } = this.#service;
    for (let lookedMs = Date.now(); !signal.aborted; ) {
      const nowMs = Date.now();
      try {
        if (nowMs - lookedMs >= LOOK_MS || nowMs < lookedMs) {
          lookedMs = nowMs;
          this.#look(nowMs);
        }
        this.#makeLetters(nowMs);
        await this.#bring('mail', nowMs);
        await this.#bring('webhook', nowMs);
      } catch (error) {
        this.#service.warn(messageOf(error)); // a full disk: the next turn tries again
      }
      this.#service.counters.lettersWaiting = this.#outbox.length;
      this.#service.counters.lettersDropped = this.#outbox.dropped;
      await wait(TURN_MS, undefined, { signal }).catch(() => {});
    }
  }

  #look(nowMs: number): void {
    const { bavail, blocks } = statfsSync(`${this.#at.root}/`);
    const services = Object.fromEntries(WATCHED.map((name) => [name, findStatus(this.#at, name)]));
    for (const occasion of this.#health.look({ nowMs, services, freeShare: bavail / blocks })) {
      this.#tell(occasion.title); // as a notice it comes back through offer()
    }
  }

  #makeLetters(nowMs: number): void {
    const { mail } = this.#config;
    const before = { ...this.#digest.state };
    const letters = this.#digest.take(nowMs, mail.minutes * 60_000);
    try {
      for (const letter of letters) {
        if (mail.to !== '') this.#outbox.put({ way: 'mail', letter });
        if (mail.webhook !== '') this.#outbox.put({ way: 'webhook', letter });
      }
    } catch (error) {
      Object.assign(this.#digest.state, before); // gathered still, and told twice rather than never
      throw error;
    }
    if (letters.length > 0) this.#changed = true;
    this.keep();
  }

  async #bring(way: Way, nowMs: number): Promise<void> {
    const attempts = this.#attempts[way];
    if (nowMs < attempts.nextMs && attempts.nextMs - nowMs <= LONGEST_RETRY_MS) return;
    const first = this.#outbox.first(way);
    if (first === undefined) return;
    try {
      // turned off while it waited: gone all the same
      await bringLetter(way, first.letter, this.#config);
      this.#outbox.remove(first.name);
      const { counters } = this.#service;
      counters.lettersSent = (counters.lettersSent ?? 0) + 1;
      Object.assign(attempts, { failed: 0, nextMs: 0 });
    } catch (error) {
      const retryMs = Math.min(RETRY_MS * 2 ** attempts.failed, LONGEST_RETRY_MS);
      Object.assign(attempts, { failed: attempts.failed + 1, nextMs: Date.now() + retryMs });
      this.#service.warn(`${messageOf(error)}; ${this.#outbox.length} wait, next try in ${retryMs / 60_000} min`);
    }
  }

  #stateFile(): string {
    return join(this.#at.stateDir('ids'), 'digest.json');
  }

  #readState(): DigestState {
    try {
      return JSON.parse(readFileSync(this.#stateFile(), 'utf8')) as DigestState;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#service.warn(`what was gathered for mails cannot be read, and is begun anew: ${messageOf(error)}`);
      }
      return {};
    }
  }
}
