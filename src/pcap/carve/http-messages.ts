// One direction of an HTTP/1 connection, cut into messages: RFC 9112. Bodies are given as they come, still encoded.
const LONGEST_HEAD = 64 * 1024;
const START = /^(?:[A-Z]{3,12} \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3})/;

export interface HttpHead {
  /** method and target of a request, or status of a response */
  method?: string;
  target?: string;
  status?: number;
  /** names in lower case; of several the last */
  headers: ReadonlyMap<string, string>;
}

export interface HttpEvents {
  /** @returns whether this message has a body, as its request may say (HEAD) */
  head(head: HttpHead): boolean;
  body(bytes: Uint8Array, missingBytes: number): void;
  end(whole: boolean): void;
}

type State =
  | { at: 'head'; text: string }
  | { at: 'length'; left: number }
  | { at: 'chunk-size' | 'chunk-end' | 'trailer'; text: string }
  | { at: 'chunk'; left: number }
  | { at: 'rest' }
  | { at: 'not-http' };

export class HttpMessages {
  readonly #events: HttpEvents;
  #state: State = { at: 'head', text: '' };

  constructor(events: HttpEvents) {
    this.#events = events;
  }

  /** Takes the next bytes; before them `missingBytes` were lost. */
  add(bytes: Uint8Array, missingBytes: number): void {
    if (missingBytes > 0) this.#lose(missingBytes);
    for (let at = 0; at < bytes.length; ) at += this.#step(bytes.subarray(at));
  }

  /** The connection ended. */
  close(): void {
    const { at } = this.#state;
    if (at === 'rest') this.#events.end(true);
    else if (at !== 'head' && at !== 'not-http') this.#events.end(false);
    this.#state = { at: 'not-http' };
  }

  /** Inside a body of known length one can go on; elsewhere what follows is anybody's guess. */
  #lose(missingBytes: number): void {
    const state = this.#state;
    if ((state.at === 'length' || state.at === 'chunk') && missingBytes < state.left) {
      state.left -= missingBytes;
      this.#events.body(new Uint8Array(0), missingBytes);
    } else if (state.at === 'rest') this.#events.body(new Uint8Array(0), missingBytes);
    else {
      if (state.at !== 'head' && state.at !== 'not-http') this.#events.end(false);
      this.#state = { at: 'head', text: '' };
    }
  }

  /** Takes some of the bytes; returns how many. */
  #step(bytes: Uint8Array): number {
    const state = this.#state;
    switch (state.at) {
      case 'not-http':
        return bytes.length;
      case 'rest':
        this.#events.body(bytes, 0);
        return bytes.length;
      case 'length':
      case 'chunk': {
        const count = Math.min(state.left, bytes.length);
        this.#events.body(bytes.subarray(0, count), 0);
        state.left -= count;
        if (state.left === 0) {
          if (state.at === 'length') this.#finish();
          else this.#state = { at: 'chunk-end', text: '' };
        }
        return count;
      }
      case 'head':
        return this.#takeHead(state, bytes);
      default:
        return this.#takeLine(state, bytes);
    }
  }

  #takeHead(state: { at: 'head'; text: string }, bytes: Uint8Array): number {
    const before = state.text.length;
    const text = state.text + latin1(bytes.subarray(0, LONGEST_HEAD - before + 4));
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (text.length >= 16 && !START.test(text.slice(0, LONGEST_HEAD).split('\r\n', 1)[0]) && text.includes('\r\n')) {
      this.#state = { at: 'not-http' };
      return bytes.length;
    }
    if (end < 0) {
      this.#state = text.length > LONGEST_HEAD ? { at: 'not-http' } : { at: 'head', text };
      return bytes.length;
    }
    this.#begin(text.slice(0, end));
    return end + 4 - before;
  }

  #begin(text: string): void {
    const head = parseHead(text);
    if (head === undefined) {
      this.#state = { at: 'not-http' };
      return;
    }
    const mayHaveBody = this.#events.head(head);
    const length = head.headers.get('content-length');
    if (!mayHaveBody) this.#finish();
    else if (head.headers.get('transfer-encoding')?.toLowerCase().includes('chunked')) {
      this.#state = { at: 'chunk-size', text: '' };
    } else if (length !== undefined && /^\d{1,15}$/.test(length)) {
      if (Number(length) === 0) this.#finish();
      else this.#state = { at: 'length', left: Number(length) };
    } else if (head.status !== undefined) this.#state = { at: 'rest' };
    else this.#finish();
  }

  /** A line between chunks. */
  #takeLine(state: { at: 'chunk-size' | 'chunk-end' | 'trailer'; text: string }, bytes: Uint8Array): number {
    const end = bytes.indexOf(10);
    const count = end < 0 ? bytes.length : end + 1;
    const line = state.text + latin1(bytes.subarray(0, count));
    if (line.length > 4096) {
      this.#events.end(false);
      this.#state = { at: 'not-http' };
      return bytes.length;
    }
    if (end < 0) state.text = line;
    else if (state.at === 'chunk-end') this.#state = { at: 'chunk-size', text: '' };
    else if (state.at === 'trailer') {
      state.text = '';
      if (line.trim() === '') this.#finish();
    } else {
      const size = /^\s*([\da-f]{1,12})/i.exec(line);
      if (size === null) {
        this.#events.end(false);
        this.#state = { at: 'not-http' };
      } else {
        const left = Number.parseInt(size[1], 16);
        this.#state = left === 0 ? { at: 'trailer', text: '' } : { at: 'chunk', left };
      }
    }
    return count;
  }

  #finish(): void {
    this.#events.end(true);
    this.#state = { at: 'head', text: '' };
  }
}

function parseHead(text: string): HttpHead | undefined {
  const [first, ...lines] = text.split('\r\n');
  if (!START.test(first)) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const parts = first.split(' ');
  if (first.startsWith('HTTP/')) return { status: Number(parts[1]), headers };
  return { method: parts[0], target: parts[1], headers };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
