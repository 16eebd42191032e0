// Files out of HTTP/1: bodies of requests and responses, put together from what was captured, content encodings undone.
// Bounded in size, number and memory; what is cut short or misses bytes says so.
import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Piece } from '../stream/assemble-streams.ts';
import { type HttpHead, HttpMessages } from './http-messages.ts';

export interface CarveLimits {
  /** of one file; the rest of it is left out */
  fileBytes: number;
  /** of all files */
  totalBytes: number;
  files: number;
}

export const CARVE_LIMITS: CarveLimits = { fileBytes: 32 * 2 ** 20, totalBytes: 2 ** 30, files: 1000 };
/** Of bodies under way, all connections together. */
const MOST_HELD_BYTES = 128 * 2 ** 20;
const MOST_DIRECTIONS = 2000;
const MOST_REQUESTS_WAITING = 100;

export interface CarvedFile {
  /** letters, digits, dot, dash and underscore, numbered: safe as a file's name anywhere */
  name: string;
  bytes: Uint8Array;
  sha256: string;
  /** as the headers say; not to be trusted */
  url: string;
  contentType: string;
  /** `192.0.2.1:80 > 10.0.0.1:4000 tcp` */
  direction: string;
  timeNs: bigint;
  /** all bytes are there, and the content encoding could be undone */
  whole: boolean;
}

interface Body {
  url: string;
  headers: ReadonlyMap<string, string>;
  parts: Uint8Array[];
  bytes: number;
  whole: boolean;
  /** a limit was reached: what follows is left out */
  full: boolean;
  timeNs: bigint;
}

interface Way {
  name: string;
  messages: HttpMessages;
  body: Body | undefined;
}

export class HttpCarver {
  readonly #limits: CarveLimits;
  readonly #ways = new Map<string, Way>();
  /** requests without their response yet, by conversation */
  readonly #requests = new Map<string, { method: string; url: string }[]>();
  #done: CarvedFile[] = [];
  #timeNs = 0n;
  #held = 0;
  #files = 0;
  #totalBytes = 0;
  /** bodies left out because of the limits */
  skippedFiles = 0;

  constructor(limits: CarveLimits = CARVE_LIMITS) {
    this.#limits = limits;
  }

  /** The files that this piece completes. */
  add(piece: Piece): CarvedFile[] {
    if (!piece.direction.isTcp) return [];
    const way = this.#wayOf(piece);
    if (way === undefined) return [];
    this.#timeNs = piece.timeNs;
    way.messages.add(piece.bytes, piece.missingBytes);
    return this.#take();
  }

  /** Files whose end was never seen. */
  end(): CarvedFile[] {
    for (const way of this.#ways.values()) way.messages.close();
    return this.#take();
  }

  #take(): CarvedFile[] {
    const done = this.#done;
    if (done.length > 0) this.#done = [];
    return done;
  }

  #wayOf({ direction }: Piece): Way | undefined {
    const known = this.#ways.get(direction.name);
    if (known !== undefined) return known;
    if (this.#ways.size >= MOST_DIRECTIONS) {
      const [oldest] = this.#ways.values();
      oldest.messages.close();
      this.#ways.delete(oldest.name);
    }
    const way: Way = {
      name: direction.name,
      body: undefined,
      messages: new HttpMessages({
        head: (head) => this.#begin(way, direction.flow, head),
        body: (bytes, missingBytes) => this.#hold(way, bytes, missingBytes),
        end: (whole) => this.#finish(way, whole),
      }),
    };
    this.#ways.set(direction.name, way);
    return way;
  }

  #begin(way: Way, flow: string, head: HttpHead): boolean {
    const { headers } = head;
    let url = '';
    let mayHaveBody = true;
    const waiting = this.#requests.get(flow) ?? [];
    if (head.method !== undefined) {
      const target = head.target ?? '';
      url = target.startsWith('/') ? `http://${headers.get('host') ?? ''}${target}` : target;
      if (waiting.length < MOST_REQUESTS_WAITING) waiting.push({ method: head.method, url });
      if (this.#requests.size >= MOST_DIRECTIONS) this.#requests.delete(this.#requests.keys().next().value!);
      this.#requests.set(flow, waiting);
    } else {
      const status = head.status ?? 0;
      // 1xx is not yet the answer
      const request = status < 200 ? waiting[0] : waiting.shift();
      url = request?.url ?? '';
      mayHaveBody = status >= 200 && status !== 204 && status !== 304 && request?.method !== 'HEAD';
    }
    way.body = { url, headers, parts: [], bytes: 0, whole: true, full: false, timeNs: this.#timeNs };
    return mayHaveBody;
  }

  #hold({ body }: Way, bytes: Uint8Array, missingBytes: number): void {
    if (body === undefined) return;
    if (missingBytes > 0) body.whole = false;
    if (bytes.length === 0 || body.full) return;
    if (body.bytes + bytes.length > this.#limits.fileBytes || this.#held + bytes.length > MOST_HELD_BYTES) {
      body.whole = false;
      body.full = true;
      return;
    }
    body.parts.push(bytes);
    body.bytes += bytes.length;
    this.#held += bytes.length;
  }

  #finish(way: Way, whole: boolean): void {
    const { body } = way;
    way.body = undefined;
    if (body === undefined || body.bytes === 0) return;
    this.#held -= body.bytes;
    const decoded = decode(Buffer.concat(body.parts), body.headers.get('content-encoding'), this.#limits.fileBytes);
    const bytes = decoded ?? Buffer.concat(body.parts);
    if (this.#files >= this.#limits.files || this.#totalBytes + bytes.length > this.#limits.totalBytes) {
      this.skippedFiles++;
      return;
    }
    this.#files++;
    this.#totalBytes += bytes.length;
    this.#done.push({
      name: safeName(this.#files, body.url),
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      url: body.url,
      contentType: body.headers.get('content-type') ?? '',
      direction: way.name,
      timeNs: body.timeNs,
      whole: whole && body.whole && decoded !== undefined,
    });
  }
}

/** The content encoding undone; undefined where that fails, or would give too much: then the bytes stay as they are. */
function decode(bytes: Uint8Array, encoding: string | undefined, mostBytes: number): Uint8Array | undefined {
  const limit = { maxOutputLength: mostBytes };
  try {
    switch (encoding?.toLowerCase()) {
      case undefined:
      case '':
      case 'identity':
        return bytes;
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, limit);
      case 'deflate':
        return inflateSync(bytes, limit);
      case 'br':
        return brotliDecompressSync(bytes, limit);
    }
  } catch {
    // cut short, damaged, or a bomb
  }
  return undefined;
}

/** @example safeName(7, 'http://a/x/../set up.exe?v=1') // '0007-set_up.exe' */
function safeName(number: number, url: string): string {
  const last =
    url
      .replace(/[?#].*$/s, '')
      .split('/')
      .at(-1) ?? '';
  const safe = last
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[._-]+/, '')
    .slice(-80);
  return `${String(number).padStart(4, '0')}-${safe || 'body'}`;
}
