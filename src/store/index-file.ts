// Looks things up in an index, from a file or from memory: pages are read as needed and checked as they are read.
import { closeSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { MssError } from '../errors.ts';
import { KEY_WORDS, MAPPED_PREFIX, W_DST, W_HASH1, W_HASH2, W_SRC } from '../pcap/key-words.ts';
import { hashKey } from './flow-hash.ts';
import {
  type IndexHeader,
  indexHeadBytes,
  LONG_RECORD_WORDS,
  LONG_RECORDS_A_PAGE,
  PAGE_BYTES,
  parseIndexHead,
  SHORT_RECORD_WORDS,
  SHORT_RECORDS_A_PAGE,
} from './index-format.ts';
import { type ReadAt, readFrom } from './read-at.ts';
import { R_PACKETS, R_POSTINGS } from './render-index.ts';
import { openPlain } from './sealed/open-plain.ts';
import type { PacketKey } from './sealed/packet-keys.ts';
import { fitsSealed } from './sealed/sealed-format.ts';
import { readAllDifferences, readDifferences } from './varint.ts';

const HOSTS_A_PAGE = PAGE_BYTES / 8;
/** 1 MiB: lookups touch a few pages, a pass over all records touches each once */
const PAGES_KEPT = 256;

export class IndexFile {
  readonly header: IndexHeader;
  readonly #checksums: Uint32Array;
  readonly #readAt: ReadAt;
  readonly #close: () => void;
  #sealed = false;
  readonly #pages = new Map<number, Uint32Array>();
  readonly #record = new Uint32Array(KEY_WORDS);

  private constructor(readAt: ReadAt, close: () => void, start = readPage(readAt)) {
    this.#readAt = readAt;
    this.#close = close;
    const bytes = indexHeadBytes(start);
    if (bytes === undefined) throw new MssError('store', 'not an index of this version');
    const head = bytes === PAGE_BYTES ? start : new Uint8Array(bytes);
    if (bytes !== PAGE_BYTES && readAt(head, 0) !== bytes) throw new MssError('store', 'the index is cut off');
    const { header, checksums } = parseIndexHead(head);
    this.header = header;
    this.#checksums = checksums;
  }

  /**
   * Opens the index file of a segment.
   * @param keys for an encrypted one.
   * @throws MssError `store` where it is damaged, `locked` without the key, and what node:fs throws.
   */
  static open(path: string, segment: number, keys: readonly PacketKey[]): IndexFile {
    const fd = openSync(path, 'r');
    try {
      const start = readPage(readFrom(fd));
      const { readAt, sealed } = openPlain(fd, start, { kind: 'index', number: segment }, keys);
      const index = new IndexFile(readAt, () => closeSync(fd), sealed ? undefined : start);
      index.#sealed = sealed;
      return index;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** An index that was made in memory. */
  static of(file: Uint8Array): IndexFile {
    return new IndexFile(
      (target, position) => {
        const part = file.subarray(position, position + target.length);
        target.set(part);
        return part.length;
      },
      () => {},
    );
  }

  close(): void {
    this.#close();
  }

  /** Whether it is the index of a segment whose file is so long. */
  fits(fileBytes: number): boolean {
    const { segmentBytes } = this.header;
    return this.#sealed ? fitsSealed(fileBytes, segmentBytes) : fileBytes === segmentBytes;
  }

  /** Copies flow record `i` into `target` (KEY_WORDS words); those of its hash are not in the file, and 0. */
  readRecord(i: number, target: Uint32Array): void {
    const { page, at } = this.#place(i);
    target[W_HASH1] = target[W_HASH2] = 0;
    if (i >= this.header.shortFlows) {
      target.set(page.subarray(at, at + LONG_RECORD_WORDS), R_PACKETS);
      return;
    }
    for (let word = R_PACKETS; word < W_SRC; word++) target[word] = page[at + word - R_PACKETS];
    target[W_SRC] = target[W_SRC + 1] = target[W_DST] = target[W_DST + 1] = 0;
    target[W_SRC + 2] = target[W_DST + 2] = MAPPED_PREFIX;
    target[W_SRC + 3] = page[at + SHORT_RECORD_WORDS - 2];
    target[W_DST + 3] = page[at + SHORT_RECORD_WORDS - 1];
  }

  /** Numbers of the flow records with this hash. @param short whether their addresses are IPv4 */
  findFlows(hash1: number, hash2: number, short: boolean): number[] {
    const { flows, shortFlows, seed } = this.header;
    const [from, count] = short ? [0, shortFlows] : [shortFlows, flows - shortFlows];
    const record = this.#record;
    const hashAt = (i: number) => {
      this.readRecord(from + i, record);
      hashKey(record, 0, seed);
      return record[W_HASH1];
    };
    const found: number[] = [];
    for (let i = lowerBound(count, hash1, hashAt); i < count && hashAt(i) === hash1; i++) {
      if (record[W_HASH2] === hash2) found.push(from + i);
    }
    return found;
  }

  /** Numbers of the flow records that have an address with this hash. */
  findHostFlows(hash: number): Uint32Array {
    const { hosts, hostsAt, hostListsAt, hostListBytes } = this.header;
    const word = (i: number, n: number) =>
      this.#page(hostsAt + Math.floor(i / HOSTS_A_PAGE) * PAGE_BYTES)[(i % HOSTS_A_PAGE) * 2 + n];
    const i = lowerBound(hosts, hash, (n) => word(n, 0));
    if (i === hosts || word(i, 0) !== hash) return new Uint32Array(0);
    const from = hostListsAt + word(i, 1);
    const to = hostListsAt + (i + 1 < hosts ? word(i + 1, 1) : hostListBytes);
    const flows = readAllDifferences(this.#bytes(from, to));
    if (flows === undefined) throw new MssError('store', 'a host list of the index is damaged');
    return flows;
  }

  /** Places (in units of 4 bytes) of all packets of a flow record, ascending. */
  readPostings(record: Uint32Array): Uint32Array {
    const from = this.header.postingsAt + record[R_POSTINGS];
    const count = record[R_PACKETS];
    const end = this.header.postingsAt + this.header.postingsBytes;
    // most differences take two bytes: read that, and again only where it was too little
    for (let bytes = count * 2 + 8; ; bytes *= 2) {
      const to = Math.min(end, from + bytes);
      const places = readDifferences(this.#bytes(from, to), count);
      if (places !== undefined) return places;
      if (to === end) throw new MssError('store', 'the postings of the index are damaged');
    }
  }

  #place(i: number): { page: Uint32Array; at: number } {
    const { shortFlows, flowsAt, longFlowsAt } = this.header;
    if (i < shortFlows) {
      const page = this.#page(flowsAt + Math.floor(i / SHORT_RECORDS_A_PAGE) * PAGE_BYTES);
      return { page, at: (i % SHORT_RECORDS_A_PAGE) * SHORT_RECORD_WORDS };
    }
    const long = i - shortFlows;
    const page = this.#page(longFlowsAt + Math.floor(long / LONG_RECORDS_A_PAGE) * PAGE_BYTES);
    return { page, at: (long % LONG_RECORDS_A_PAGE) * LONG_RECORD_WORDS };
  }

  #bytes(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, to - from));
    for (let at = from; at < to; ) {
      const pageAt = at - (at % PAGE_BYTES);
      const page = this.#page(pageAt);
      const part = new Uint8Array(page.buffer, page.byteOffset + at - pageAt, Math.min(to, pageAt + PAGE_BYTES) - at);
      bytes.set(part, at - from);
      at += part.length;
    }
    return bytes;
  }

  #page(position: number): Uint32Array {
    const kept = this.#pages.get(position);
    if (kept !== undefined) return kept;
    const page = new Uint32Array(PAGE_BYTES / 4);
    const bytes = new Uint8Array(page.buffer);
    const expected = this.#checksums[(position - this.header.flowsAt) / PAGE_BYTES];
    if (this.#readAt(bytes, position) !== PAGE_BYTES || crc32(bytes) !== expected) {
      throw new MssError('store', `the index is damaged at byte ${position}`);
    }
    if (this.#pages.size >= PAGES_KEPT) this.#pages.delete(this.#pages.keys().next().value!);
    this.#pages.set(position, page);
    return page;
  }
}

/** Hashes of a segment lie this far from where proportion puts them, for the most part: a page or so. */
const FIRST_STRIDE = 64;

function readPage(readAt: ReadAt): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES);
  return page.subarray(0, readAt(page, 0));
}

/**
 * The first of `count` ascending 32-bit values that is not below `wanted`. Hashes are evenly spread, so it looks near
 * the place that is theirs by proportion, in growing strides, then halves: no distribution makes it slow.
 */
function lowerBound(count: number, wanted: number, valueAt: (i: number) => number): number {
  if (count === 0) return 0;
  const guess = Math.min(count - 1, Math.floor((wanted / 2 ** 32) * count));
  let [low, high] = [0, count];
  const down = valueAt(guess) >= wanted;
  for (let stride = FIRST_STRIDE, at = guess; ; stride *= 4) {
    if (down) high = at;
    else low = at + 1;
    at = down ? at - stride : at + stride;
    if (at < low || at >= high || valueAt(at) >= wanted !== down) {
      if (at >= low && at < high) [low, high] = down ? [at + 1, high] : [low, at];
      break;
    }
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
