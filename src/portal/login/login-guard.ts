// Slows down guessing: each failed login makes the next one from there wait twice as long. Bounded, forgets by itself.
import { formatAddress, parseAddressOrNothing } from '../../net/address.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
/** a name waits less than an address: nobody can lock another person out for long */
const LONGEST_NAME_WAIT_MS = 4000;
const FORGET_MS = 15 * 60_000;
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  lastMs: number;
  waitUntilMs: number;
}

export class LoginGuard {
  readonly #failures = new Map<string, Failures>();

  /** Milliseconds until a try of `name` from `address` is allowed; 0: now. */
  waitMs(address: string, name: string, nowMs: number): number {
    const until = Math.max(...keys(address, name).map((key) => this.#failures.get(key)?.waitUntilMs ?? 0));
    return Math.max(0, until - nowMs);
  }

  failed(address: string, name: string, nowMs: number): void {
    for (const key of keys(address, name)) {
      const before = this.#failures.get(key);
      const count = before === undefined || nowMs - before.lastMs > FORGET_MS ? 1 : before.count + 1;
      const longest = key.startsWith('name ') ? LONGEST_NAME_WAIT_MS : LONGEST_WAIT_MS;
      const waitMs = Math.min(longest, FIRST_WAIT_MS * 2 ** Math.min(count - 1, 20));
      this.#failures.delete(key); // the one that failed last stands last
      this.#failures.set(key, { count, lastMs: nowMs, waitUntilMs: nowMs + waitMs });
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MOST_KEYS) break;
      this.#failures.delete(key);
    }
  }

  succeeded(address: string, name: string): void {
    for (const key of keys(address, name)) this.#failures.delete(key);
  }
}

const keys = (address: string, name: string): string[] => [`address ${subscriberOf(address)}`, `name ${name}`];

/** An IPv6 address without its last 64 bits: one machine has as many of those as it likes (RFC 4291, 2.5.4). */
function subscriberOf(address: string): string {
  const bytes = parseAddressOrNothing(address);
  return bytes?.length === 16 ? formatAddress(bytes.fill(0, 8)) : address;
}
