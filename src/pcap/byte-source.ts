// A stream of chunks, read as bytes: the window grows as asked for and forgets what was taken.

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #window: Uint8Array = new Uint8Array(0);
  #at = 0;
  #windowOffset = 0;
  #view = new DataView(this.#window.buffer);
  /** why the chunks ended before their end, where they did: for instance a broken gzip stream */
  failure: Error | undefined;
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Offset in the stream of the next byte. */
  get offset(): number {
    return this.#windowOffset + this.#at;
  }

  /** Bytes at hand without waiting. */
  get available(): number {
    return this.#window.length - this.#at;
  }

  /** Waits until `count` bytes are at hand. False when the stream ends before; `available` then tells how many are left. */
  async fill(count: number): Promise<boolean> {
    if (this.available >= count) return true;
    const parts = [this.#window.subarray(this.#at)];
    let total = parts[0].length;
    while (total < count && !this.#ended) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      parts.push(chunk);
      total += chunk.length;
    }
    this.#windowOffset += this.#at;
    this.#at = 0;
    this.#window = parts.length === 2 && parts[0].length === 0 ? parts[1] : concat(parts, total);
    this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.length);
    return total >= count;
  }

  uint16(at: number, little: boolean): number {
    return this.#view.getUint16(this.#at + at, little);
  }

  uint32(at: number, little: boolean): number {
    return this.#view.getUint32(this.#at + at, little);
  }

  /** A view of bytes at hand, `at` bytes ahead; nothing is taken. */
  peek(at: number, count: number): Uint8Array {
    return this.#window.subarray(this.#at + at, this.#at + at + count);
  }

  /** Moves past `count` bytes that are at hand. */
  skip(count: number): void {
    this.#at += count;
  }

  /** Reads to the end, keeping nothing; returns how many bytes that were. */
  async drain(): Promise<number> {
    let count = this.available;
    this.#at = this.#window.length;
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) count += chunk.length;
    return count;
  }

  /** Lets the chunks' owner close what it has open. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    try {
      const step = await this.#chunks.next();
      // a plain view: Buffer's own slice() would share memory where callers mean to copy
      if (!step.done) return new Uint8Array(step.value.buffer, step.value.byteOffset, step.value.length);
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#ended = true;
    return undefined;
  }
}

function concat(parts: Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
