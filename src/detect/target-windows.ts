// Counts distinct targets per key within a window of record time. Records may come somewhat out of order: a flow is
// told of when it ends. Bounded, whatever addresses and ports a sender makes up: the keys longest untouched go first,
// and of a key's targets the oldest.

const MAX_TARGETS = 4096;

interface Window {
  targets: Map<string, number>;
  firedUs: number;
}

export class TargetWindows {
  readonly #windows = new Map<string, Window>();
  readonly #windowUs: number;
  readonly #maxKeys: number;
  readonly #maxTotal: number;
  /** targets of all keys */
  #total = 0;
  /** keys given up to stay within the bounds */
  evictedKeys = 0;

  /** @param maxTotal targets of all keys together, about 100 bytes each */
  constructor(windowUs: number, maxKeys = 20_000, maxTotal = 200_000) {
    this.#windowUs = windowUs;
    this.#maxKeys = maxKeys;
    this.#maxTotal = maxTotal;
  }

  /**
   * Notes a target under a key.
   * @returns the targets within the window, oldest first, once they are `threshold` or more, and from then on only the
   *   new one; undefined below the threshold and for a target known already
   */
  add(key: string, target: string, timeUs: number, threshold: number): string[] | undefined {
    const window = this.#touch(key);
    const known = window.targets.get(target);
    window.targets.set(target, Math.max(known ?? 0, timeUs));
    if (known === undefined) this.#total++;
    if (known !== undefined && Math.abs(timeUs - known) <= this.#windowUs) return undefined;
    for (const [other, seenUs] of window.targets) {
      if (Math.abs(timeUs - seenUs) > this.#windowUs || window.targets.size > MAX_TARGETS) {
        window.targets.delete(other);
        this.#total--;
      } else break;
    }
    // never the key at hand, which is the newest
    while (this.#total > this.#maxTotal && this.#windows.size > 1) this.#evict();
    if (window.targets.size < threshold) return undefined;
    const again = Math.abs(timeUs - window.firedUs) <= this.#windowUs;
    window.firedUs = timeUs;
    return again ? [target] : [...window.targets.keys()];
  }

  /** Takes targets of a key back, for instance attempts that turned out well. */
  forget(key: string, isMeant: (target: string) => boolean): void {
    const targets = this.#windows.get(key)?.targets;
    for (const target of targets?.keys() ?? []) {
      if (!isMeant(target)) continue;
      targets!.delete(target);
      this.#total--;
    }
  }

  #touch(key: string): Window {
    const window = this.#windows.get(key) ?? { targets: new Map(), firedUs: Number.NEGATIVE_INFINITY };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#windows.size > this.#maxKeys) this.#evict();
    return window;
  }

  #evict(): void {
    const [oldest, { targets }] = this.#windows.entries().next().value!;
    this.#windows.delete(oldest);
    this.#total -= targets.size;
    this.evictedKeys++;
  }
}
