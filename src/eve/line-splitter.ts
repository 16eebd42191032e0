// Chunks of a growing file -> its whole lines and where each ends. Pure: who reads the file keeps the place.

const DEFAULT_MAX_LINE_BYTES = 1 << 20;

export class LineSplitter {
  /** lines longer than the bound: passed over whole */
  oversizedLines = 0;
  readonly #maxLineBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  /** bytes of an oversized line that were already given up */
  #skipping = false;
  /** bytes taken in by lines that are complete */
  #completeBytes = 0;

  constructor(maxLineBytes = DEFAULT_MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Bytes up to the end of the last complete line: the place to go on from after a restart. */
  get completeBytes(): number {
    return this.#completeBytes;
  }

  /** Takes the next chunk and gives the lines it completes, without their newline; empty lines are left out. */
  *push(chunk: Uint8Array): Generator<string> {
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      const length = end - start;
      if (this.#skipping) {
        this.#skipping = false;
        this.#completeBytes += length + 1;
      } else {
        this.#completeBytes += length + 1;
        if (length > this.#maxLineBytes) this.oversizedLines++;
        else if (length > 0) yield bytes.toString('utf8', start, end);
      }
      start = end + 1;
    }
    const rest = bytes.subarray(start);
    if (rest.length <= this.#maxLineBytes && !this.#skipping) {
      this.#rest = rest;
      return;
    }
    // a line without end: give its bytes up, but go on counting them
    if (!this.#skipping) this.oversizedLines++;
    this.#skipping = true;
    this.#completeBytes += rest.length;
  }
}
