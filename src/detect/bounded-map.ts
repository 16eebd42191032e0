// A map that stays within a number of keys: those untouched for longest go, and are counted. In two generations: what is
// touched moves to the young one, and when that is full the old one is dropped whole. Keeping an exact order would cost
// several times as much, on every record of the engine.

export class BoundedMap<V> {
  evictedKeys = 0;
  readonly #generationKeys: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  /** keys of the old generation that are in the young one too */
  #moved = 0;

  /** Holds at least half of `maxKeys`, and never more. */
  constructor(maxKeys: number) {
    this.#generationKeys = Math.max(1, maxKeys >> 1);
  }

  /** The value of a key, without touching it. */
  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  /** The value of a key, made where there is none; the key counts as touched. */
  take(key: string, make: () => V): V {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? make();
    this.#add(key, value);
    return value;
  }

  set(key: string, value: V): void {
    if (this.#young.has(key)) this.#young.set(key, value);
    else this.#add(key, value);
  }

  #add(key: string, value: V): void {
    if (this.#young.size >= this.#generationKeys) {
      // the key at hand stays, though its generation goes
      this.evictedKeys += this.#old.size - this.#moved - Number(this.#old.has(key));
      this.#old = this.#young;
      this.#young = new Map();
      this.#moved = 0;
    }
    if (this.#old.has(key)) this.#moved++;
    this.#young.set(key, value);
  }
}
