// Messages out of a TCP byte stream: octet counting (RFC 6587, 3.4.1) or one a line (3.4.2), told apart by the first
// frame of a connection. Memory is bounded by one message, however slowly or endlessly a sender writes.

/** Longer messages are cut here; RFC 5424 asks for 2048 at least. */
export const MAX_MESSAGE_BYTES = 65_536;

const LF = 10;
const SPACE = 32;
// ten digits say 9.9 GB: nothing that calls itself a length is longer
const MAX_LENGTH_DIGITS = 10;

/** What went wrong in framing, counted over all connections that share it. */
export interface FramingCounts {
  /** messages that were cut at MAX_MESSAGE_BYTES, and what was cut off them */
  truncatedMessages: number;
  truncatedBytes: number;
  /** frames of an octet-counted stream without a valid count; taken as lines */
  misframedMessages: number;
}

export class StreamFramer {
  readonly #emit: (message: Buffer) => void;
  readonly #counts: FramingCounts;
  #mode: 'unknown' | 'counted' | 'lines' = 'unknown';
  /** start of a message that has not ended yet */
  #held: Buffer = Buffer.alloc(0);
  #heldBytes = 0;
  /** octets of the counted message that are still to come; -1 while its count is read */
  #missing = -1;
  /** octets cut off the message in hand */
  #cut = 0;
  /** the message in hand is read as a line: always, or after a broken count until the next LF */
  #inLine = false;

  /** @param emit gets each message's bytes, at most MAX_MESSAGE_BYTES; they are only valid during the call */
  constructor(emit: (message: Buffer) => void, counts: FramingCounts) {
    this.#emit = emit;
    this.#counts = counts;
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing > 0) at = this.#takeCounted(chunk, at);
      else if (this.#inLine || this.#mode === 'lines') at = this.#takeLine(chunk, at);
      else at = this.#takeCount(chunk, at);
    }
  }

  /** The stream ended: what is in hand is a message, too. */
  end(): void {
    if (this.#heldBytes > 0) this.#finish();
  }

  #takeCounted(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#missing > 0) this.#hold(chunk, at, end);
    else this.#finish(chunk, at, end);
    return end;
  }

  #takeLine(chunk: Buffer, at: number): number {
    const lf = chunk.indexOf(LF, at);
    if (lf === -1) {
      this.#hold(chunk, at, chunk.length);
      return chunk.length;
    }
    this.#finish(chunk, at, lf);
    return lf + 1;
  }

  /** Reads `MSG-LEN SP` into what is held; anything else makes the frame a line. */
  #takeCount(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const code = chunk[at];
      const afterSpace = this.#heldBytes > 0 && this.#held[this.#heldBytes - 1] === SPACE;
      const isDigit = code >= (this.#heldBytes === 0 ? 49 : 48) && code <= 57;
      if (this.#mode === 'counted') {
        // some senders add a line end that they do not count
        if (this.#heldBytes === 0 && (code === LF || code === 13)) continue;
        if (code === SPACE && this.#heldBytes > 0) return this.#startCounted(at + 1);
      } else if (afterSpace && code === 60) {
        // only the '<' behind it makes a number a count: a line may well start with one
        this.#mode = 'counted';
        this.#heldBytes--;
        return this.#startCounted(at);
      }
      if (!afterSpace && (isDigit || (code === SPACE && this.#heldBytes > 0)) && this.#heldBytes <= MAX_LENGTH_DIGITS) {
        this.#hold(chunk, at, at + 1);
        continue;
      }
      if (this.#mode === 'counted') this.#counts.misframedMessages++;
      else this.#mode = 'lines';
      this.#inLine = true;
      return at;
    }
    return chunk.length;
  }

  #startCounted(at: number): number {
    this.#missing = Number(this.#held.toString('latin1', 0, this.#heldBytes));
    this.#heldBytes = 0;
    return at;
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    const fitting = Math.min(to - from, MAX_MESSAGE_BYTES - this.#heldBytes);
    this.#cut += to - from - fitting;
    const needed = this.#heldBytes + fitting;
    if (needed > this.#held.length) {
      // doubled, so that a sender of single bytes costs linear time
      const grown = Buffer.allocUnsafeSlow(Math.min(MAX_MESSAGE_BYTES, Math.max(256, needed * 2)));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#heldBytes, from, from + fitting);
    this.#heldBytes = needed;
  }

  #finish(chunk?: Buffer, from = 0, to = 0): void {
    if (chunk !== undefined && this.#heldBytes === 0 && to - from <= MAX_MESSAGE_BYTES) {
      this.#emit(chunk.subarray(from, to));
    } else {
      if (chunk !== undefined) this.#hold(chunk, from, to);
      if (this.#cut > 0) {
        this.#counts.truncatedMessages++;
        this.#counts.truncatedBytes += this.#cut;
      }
      this.#emit(this.#held.subarray(0, this.#heldBytes));
    }
    this.#heldBytes = 0;
    this.#cut = 0;
    this.#missing = -1;
    this.#inLine = false;
    // a long message is no reason to keep its buffer for the life of the connection
    if (this.#held.length > 8192) this.#held = Buffer.alloc(0);
  }
}
