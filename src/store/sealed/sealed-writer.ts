// Writes an encrypted file (sealed-format.ts) from its plain bytes, one behind the other: a segment as it grows, with
// whole pages from page-aligned memory, as O_DIRECT wants them; or an index at once.
import { writeSync } from 'node:fs';
import {
  PAGE_BYTES,
  PAGE_PLAIN_BYTES,
  type SealedName,
  SLOT_PAGES,
  sealedFileBytes,
  sealRun,
} from './sealed-format.ts';
import { createSealedHeader, type Recipient } from './sealed-header.ts';

/** Of memory to seal in: what goes to disk in one write. */
export const SEALING_BYTES = 1024 * 1024;

type Sink = (bytes: Uint8Array, position: number) => void;

export class SealedWriter {
  readonly #sink: Sink;
  readonly #staging: Uint8Array;
  readonly #key: Uint8Array;
  readonly #name: SealedName;
  /** what the page that is being filled holds so far */
  readonly #partial = new Uint8Array(PAGE_PLAIN_BYTES);
  #filled = 0;
  #page = 0;
  #writes = 0n;
  /** pages in the staging memory, the first of them being the file's page `#stagedFrom` */
  #staged = 0;
  #stagedFrom = 0;

  /**
   * @param staging of whole pages; SEALING_BYTES do for a fast writer.
   * @param sink takes whole pages for a place in the file, before it returns.
   */
  constructor(sink: Sink, staging: Uint8Array, key: Uint8Array, name: SealedName) {
    this.#sink = sink;
    this.#staging = staging;
    this.#key = key;
    this.#name = name;
  }

  /** A writer into a file. */
  static into(fd: number, staging: Uint8Array, key: Uint8Array, name: SealedName): SealedWriter {
    const sink: Sink = (bytes, position) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
    };
    return new SealedWriter(sink, staging, key, name);
  }

  /** Plain bytes so far. */
  get length(): number {
    return this.#page * PAGE_PLAIN_BYTES + this.#filled;
  }

  /** Appends, and hands all of it to the sink. @returns bytes given to the sink. Throws what that throws. */
  append(bytes: Uint8Array): number {
    let written = 0;
    let from = 0;
    this.#stagedFrom = this.#page;
    while (from < bytes.length) {
      const pages = Math.min(
        Math.floor((this.#filled + bytes.length - from) / PAGE_PLAIN_BYTES),
        SLOT_PAGES - (this.#page % SLOT_PAGES),
      );
      if (this.#staged + Math.max(1, pages) > this.#staging.length / PAGE_BYTES) written += this.#flush();
      if (pages === 0) {
        this.#partial.set(bytes.subarray(from), this.#filled);
        this.#filled += bytes.length - from;
        from = bytes.length;
        this.#seal(1, this.#filled, [this.#partial.subarray(0, this.#filled)], false);
      } else {
        const to = from + pages * PAGE_PLAIN_BYTES - this.#filled;
        const parts = [this.#partial.subarray(0, this.#filled), bytes.subarray(from, to)];
        this.#seal(pages, pages * PAGE_PLAIN_BYTES, parts, false);
        this.#page += pages;
        this.#filled = 0;
        from = to;
      }
    }
    return written + this.#flush();
  }

  /** Says that the file ends here: a reader knows then that nothing was cut off. */
  end(): void {
    this.#stagedFrom = this.#page;
    this.#seal(1, this.#filled, [this.#partial.subarray(0, this.#filled)], true);
    this.#flush();
  }

  #seal(pages: number, plainBytes: number, parts: readonly Uint8Array[], final: boolean): void {
    const at = this.#staged * PAGE_BYTES;
    const place = { page: this.#page, pages, plainBytes, final };
    sealRun(this.#staging, at, this.#key, this.#name, place, this.#writes++, parts);
    this.#staged += pages;
  }

  #flush(): number {
    const bytes = this.#staged * PAGE_BYTES;
    if (bytes > 0) this.#sink(this.#staging.subarray(0, bytes), (1 + this.#stagedFrom) * PAGE_BYTES);
    this.#stagedFrom += this.#staged;
    this.#staged = 0;
    return bytes;
  }
}

/** An encrypted file of these plain bytes. */
export function sealFile(name: SealedName, recipients: readonly Recipient[], plain: Uint8Array): Uint8Array {
  const { key, page } = createSealedHeader(recipients);
  const file = new Uint8Array(sealedFileBytes(plain.length));
  file.set(page);
  const writer = new SealedWriter(
    (bytes, position) => file.set(bytes, position),
    new Uint8Array(SEALING_BYTES),
    key,
    name,
  );
  writer.append(plain);
  writer.end();
  return file;
}
