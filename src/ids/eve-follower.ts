// Follows the engine's rotated EVE files in order, from a bookmark on. The engine never waits for it: files it cannot
// keep up with are given up oldest first, and counted.
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LineSplitter } from '../eve/line-splitter.ts';

const NAME = /^eve-(\d{1,12})\.json$/;
const CHUNK_BYTES = 1 << 20;

export interface EvePlace {
  /** file name; empty: before the first */
  file: string;
  /** byte behind the last line that was made use of */
  offset: number;
}

export interface EveBatch {
  lines: string[];
  /** where to go on; keep it with what was made of the lines */
  next: EvePlace;
  /** more is there already */
  more: boolean;
}

export class EveFollower {
  /** lines longer than a line may be */
  oversizedLines = 0;
  /** bytes of files given up unread */
  lostBytes = 0;
  readonly #dir: string;
  readonly #maxBytes: number;
  #place: EvePlace;
  #splitter = new LineSplitter();
  /** bytes read of the file at hand, whole lines or not */
  #readTo: number;
  /** byte at which the splitter began */
  #start: number;
  /**
   * files read to their end and not yet deleted. The name alone does not tell: an engine that starts after the clock was
   * set back begins a file that sorts before those that are done.
   */
  readonly #done = new Set<string>();

  constructor(dir: string, from: EvePlace, maxBytes = 2 ** 30) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#place = { ...from };
    this.#readTo = from.offset;
    this.#start = from.offset;
    // what a kill between bookmark and deletion left
    for (const file of this.#list()) if (isAfter(from.file, file)) this.#done.add(file);
  }

  /** The next lines, at most a megabyte; none when there is nothing new. */
  read(): EveBatch {
    const files = this.#list();
    const at = files.find((file) => file === this.#place.file) ?? this.#following(files, this.#place.file);
    if (at === undefined) return { lines: [], next: { ...this.#place }, more: false };
    if (at !== this.#place.file) this.#enter(at);
    // listed before the file is read: once there is another one, the engine writes no more to this one
    const newer = this.#following(files, at);
    const bytes = readAt(join(this.#dir, at), this.#readTo);
    const lines = [...this.#splitter.push(bytes)];
    this.#readTo += bytes.length;
    this.#place.offset = this.#start + this.#splitter.completeBytes;
    const done = newer !== undefined && bytes.length === 0;
    if (done) {
      this.#done.add(at);
      this.#enter(newer);
    }
    this.oversizedLines += this.#splitter.oversizedLines;
    this.#splitter.oversizedLines = 0;
    return { lines, next: { ...this.#place }, more: bytes.length > 0 || done };
  }

  /** Deletes the files that are done, all of them being kept by now, and the oldest unread ones beyond the bound. */
  prune(): void {
    for (const file of this.#done) this.#remove(file);
    this.#done.clear();
    this.pruneUnread();
  }

  /** Deletes the oldest unread files beyond the bound; done ones, which may not be kept yet, stay. */
  pruneUnread(): void {
    const left = this.#list()
      .filter((file) => !this.#done.has(file))
      .map((file) => ({ file, bytes: this.#sizeOf(file) }));
    let total = left.reduce((sum, { bytes }) => sum + bytes, 0);
    // never the newest: the engine has it open
    while (total > this.#maxBytes && left.length > 1) {
      const { file, bytes } = left.shift()!;
      this.lostBytes += file === this.#place.file ? Math.max(0, bytes - this.#readTo) : bytes;
      total -= bytes;
      this.#remove(file);
    }
  }

  /** The unread file that comes after `file`: the next by name, or the first where the clock was set back. */
  #following(files: readonly string[], file: string): string | undefined {
    const unread = files.filter((one) => one !== file && !this.#done.has(one));
    return unread.find((one) => isAfter(one, file)) ?? unread[0];
  }

  #enter(file: string): void {
    this.#place = { file, offset: 0 };
    this.#splitter = new LineSplitter();
    this.#readTo = 0;
    this.#start = 0;
  }

  #list(): string[] {
    try {
      return readdirSync(this.#dir)
        .filter((name) => NAME.test(name))
        .sort((a, b) => secondOf(a) - secondOf(b));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #sizeOf(file: string): number {
    try {
      return statSync(join(this.#dir, file)).size;
    } catch {
      return 0;
    }
  }

  #remove(file: string): void {
    rmSync(join(this.#dir, file), { force: true });
  }
}

const secondOf = (file: string): number => Number(NAME.exec(file)?.[1] ?? -1);
const isAfter = (a: string, b: string): boolean => secondOf(a) > secondOf(b);

function readAt(file: string, offset: number): Buffer {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    // given up for space in between
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(CHUNK_BYTES);
    return bytes.subarray(0, readSync(fd, bytes, 0, CHUNK_BYTES, offset));
  } finally {
    closeSync(fd);
  }
}
