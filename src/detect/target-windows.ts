// Counts distinct targets per key within a window of record time. Records may come somewhat out of order: a flow is
// told of when it ends. Bounded: the keys longest untouched go first, and of a key's targets the oldest.

const MAX_TARGETS = 4096;

interface Window {
  targets: Map<string, number>;
  firedUs: number;
}

export class TargetWindows {
  readonly #windows = new Map<string, Window>();
  readonly #windowUs: number;
  readonly #maxKeys: number;
  /** keys given up to stay within the bound */
  evictedKeys = 0;

  constructor(windowUs: number, maxKeys = 20_000) {
    this.#windowUs = windowUs;
    this.#maxKeys = maxKeys;
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
    if (known !== undefined && Math.abs(timeUs - known) <= this.#windowUs) return undefined;
    for (const [other, seenUs] of window.targets) {
      if (Math.abs(timeUs - seenUs) > this.#windowUs || window.targets.size > MAX_TARGETS) window.targets.delete(other);
      else break;
    }
    if (window.targets.size < threshold) return undefined;
    const again = Math.abs(timeUs - window.firedUs) <= this.#windowUs;
    window.firedUs = timeUs;
    return again ? [target] : [...window.targets.keys()];
  }

  #touch(key: string): Window {
    const window = this.#windows.get(key) ?? { targets: new Map(), firedUs: Number.NEGATIVE_INFINITY };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#windows.size > this.#maxKeys) {
      this.#windows.delete(this.#windows.keys().next().value!);
      this.evictedKeys++;
    }
    return window;
  }
}
