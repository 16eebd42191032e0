// Notices an engine that hangs: systemd sees only that its process is there, but it says something every 8 seconds.
// Time is that of a clock that nobody sets.

/** Loading a large rule set on a slow machine takes minutes too. */
export const SILENT_MS = 5 * 60_000;

export class EngineSilence {
  #lines = 0;
  #heardMs: number;
  /** nothing was heard since the start or since the last suspicion: it may still be loading, or be switched off */
  #waiting = true;

  constructor(nowMs: number) {
    this.#heardMs = nowMs;
  }

  /**
   * Whether an engine that spoke has now been silent for too long; true once, until it speaks again.
   * @param lines all lines that it ever said
   */
  isSuspicious(lines: number, nowMs: number): boolean {
    if (lines !== this.#lines) {
      this.#lines = lines;
      this.#heardMs = nowMs;
      this.#waiting = false;
      return false;
    }
    if (this.#waiting || nowMs - this.#heardMs < SILENT_MS) return false;
    this.#waiting = true;
    return true;
  }
}
