// How far a long query is, on standard error: JSON lines for a program, one changing line for a person at a terminal.
import type { QueryReport } from '../../store/find-packets.ts';

const EVERY_MS = 500;

export class Progress {
  readonly #write: ((line: string) => void) | undefined;
  readonly #asJson: boolean;
  #shownMs = performance.now();
  #shown = false;

  /** @param asJson whether a program reads it; otherwise it shows on a terminal only */
  constructor(asJson: boolean) {
    this.#asJson = asJson;
    if (asJson || process.stderr.isTTY) this.#write = (line) => void process.stderr.write(line);
  }

  /** Called for each packet; says something twice a second. */
  note(doing: 'searching' | 'reading', { opened, done, matched }: QueryReport): void {
    const nowMs = performance.now();
    if (this.#write === undefined || nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    this.#shown = true;
    if (this.#asJson) {
      this.#write(`${JSON.stringify({ type: 'progress', doing, segments: opened, done, packets: matched })}\n`);
    } else this.#write(`\r${doing}: segment ${done + 1} of ${opened}, ${matched} packets `);
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown && !this.#asJson) this.#write?.('\r\x1b[K');
  }
}
