// A map that stays within a number of keys: the one untouched for longest goes, and is counted.

export class BoundedMap<V> {
  evictedKeys = 0;
  readonly #entries = new Map<string, V>();
  readonly #maxKeys: number;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key, without touching it. */
  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  /** The value of a key, made where there is none; the key is the newest then. */
  take(key: string, make: () => V): V {
    const value = this.#entries.get(key) ?? make();
    this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#maxKeys) return;
    this.#entries.delete(this.#entries.keys().next().value!);
    this.evictedKeys++;
  }
}
