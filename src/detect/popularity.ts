// How many of our hosts use a name or an address: what one host alone uses is rare, what many use is hardly its
// infection. Bounded: names untouched for longest are forgotten, and nobody counts beyond eight hosts.
import { BoundedMap } from './bounded-map.ts';

const MAX_HOSTS = 8;

export class Popularity {
  readonly #users: BoundedMap<string[]>;

  constructor(maxNames = 20_000) {
    this.#users = new BoundedMap(maxNames);
  }

  get evictedKeys(): number {
    return this.#users.evictedKeys;
  }

  /** Notes a use. @returns how many hosts used it so far, this one included, eight at most */
  note(name: string, host: string): number {
    const users = this.#users.take(name, () => []);
    if (users.length < MAX_HOSTS && !users.includes(host)) users.push(host);
    return users.length;
  }

  /** Who used it, eight hosts at most. */
  of(name: string): readonly string[] {
    return this.#users.get(name) ?? [];
  }
}
