// Who is behind an address: asks the providers, one address at a time, and remembers what they said.
import type { OutsideAnswer } from '../../api/origin.ts';
import { MssError, messageOf } from '../../errors.ts';
import type { Outside, Provider } from './provider.ts';
import { rdap } from './rdap.ts';
import { reverseDns } from './reverse-dns.ts';
import { whois } from './whois.ts';

const WITHIN_MS = 8000;
const REMEMBERED = 1000;
/** registrations change by the month; what failed may work in a moment */
const KEPT_MS = 24 * 3600_000;
const FAILURE_KEPT_MS = 60_000;
const MOST_WAITING = 20;

export interface WhoIsOptions {
  providers?: readonly Provider[];
  nowMs?(): number;
}

export class WhoIs {
  readonly #outside: Outside;
  readonly #providers: readonly Provider[];
  readonly #nowMs: () => number;
  /** by address, the oldest first */
  readonly #said = new Map<string, { answers: OutsideAnswer[]; untilMs: number }>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(outside: Outside, { providers = [reverseDns, rdap, whois], nowMs = Date.now }: WhoIsOptions = {}) {
    this.#outside = outside;
    this.#providers = providers;
    this.#nowMs = nowMs;
  }

  /**
   * Asks every provider about a public address in its one spelling.
   * @throws MssError 'network' when too many questions wait already
   */
  async ask(address: string): Promise<OutsideAnswer[]> {
    const known = this.#recall(address);
    if (known !== undefined) return known;
    if (this.#waiting >= MOST_WAITING) {
      throw new MssError('network', `${MOST_WAITING} questions about addresses wait already; ask again in a minute`);
    }
    this.#waiting++;
    // the registries count questions, and shut out who asks too many at once
    const mine = this.#last.then(() => this.#recall(address) ?? this.#askAll(address));
    this.#last = mine.finally(() => {
      this.#waiting--;
    });
    return mine;
  }

  #recall(address: string): OutsideAnswer[] | undefined {
    const known = this.#said.get(address);
    return known !== undefined && known.untilMs > this.#nowMs() ? known.answers : undefined;
  }

  async #askAll(address: string): Promise<OutsideAnswer[]> {
    const answers = await Promise.all(this.#providers.map((provider) => this.#askOne(provider, address)));
    const keptMs = answers.some(({ failure }) => failure !== undefined) ? FAILURE_KEPT_MS : KEPT_MS;
    this.#said.delete(address);
    this.#said.set(address, { answers, untilMs: this.#nowMs() + keptMs });
    for (const oldest of this.#said.keys()) {
      if (this.#said.size <= REMEMBERED) break;
      this.#said.delete(oldest);
    }
    return answers;
  }

  async #askOne({ name, ask }: Provider, address: string): Promise<OutsideAnswer> {
    try {
      return { provider: name, facts: await ask(address, this.#outside, AbortSignal.timeout(WITHIN_MS)) };
    } catch (error) {
      return { provider: name, failure: messageOf(error) };
    }
  }
}
