// The one writer of a spool stream: appends records, starts new segments, prunes the oldest within its budget.
import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SensorEvent } from '../api/event.ts';
import { MssError, messageOf } from '../errors.ts';
import { listSegments, segmentName } from './segment.ts';

export interface SpoolBudget {
  /** a new segment is started above this size */
  segmentBytes: number;
  /** all segments together; the oldest is deleted first */
  maxBytes: number;
  /** bytes that may wait in memory while the disk refuses them; above it records are dropped and counted */
  maxPendingBytes: number;
}

/** Full segments that may be on their way to the disk at once; a disk that is slower holds the writer up. */
const MAX_SYNCING = 4;
/** Appended records are written together once they are so many bytes. */
const FLUSH_BYTES = 65_536;
/** Holds what waits for a flush, and the line after that; where it grows beyond, it is let go of again. */
const PENDING_BYTES = 4 * FLUSH_BYTES;
const DEFAULT_BUDGET: SpoolBudget = { segmentBytes: 8 << 20, maxBytes: 256 << 20, maxPendingBytes: 8 << 20 };

export class SpoolWriter {
  /** records dropped because the disk refused them for too long */
  droppedRecords = 0;
  /** records deleted to stay within the budget */
  prunedRecords = 0;
  /** bytes of a torn last line that a crash left, cut off when the stream was opened */
  readonly tornBytes: number;
  readonly dir: string;

  #budget: SpoolBudget;
  #fd: number;
  #segments: { first: number; bytes: number }[];
  #next: number;
  /** what waits for a flush: whole lines */
  #pending = Buffer.allocUnsafeSlow(PENDING_BYTES);
  #pendingBytes = 0;
  #pendingRecords = 0;
  /** full segments on their way to the disk; {@link sync} waits for them */
  readonly #syncing = new Set<number>();
  #syncFailure: NodeJS.ErrnoException | undefined;
  /** the last write failed: appending does not try again, only `flush` does */
  #refused = false;

  /**
   * Opens or starts the stream in `dir`.
   * @throws MssError 'io'
   */
  constructor(dir: string, budget: Partial<SpoolBudget> = {}) {
    this.dir = dir;
    this.#budget = { ...DEFAULT_BUDGET, ...budget };
    try {
      mkdirSync(dir, { recursive: true, mode: 0o750 });
      this.#segments = listSegments(dir).map((first) => ({
        first,
        bytes: statSync(join(dir, segmentName(first))).size,
      }));
      if (this.#segments.length === 0) this.#segments.push({ first: 0, bytes: 0 });
      const last = this.#segments[this.#segments.length - 1];
      this.#fd = openSync(join(dir, segmentName(last.first)), 'a+', 0o640);
      const { lines, completeBytes } = countLines(this.#fd);
      this.tornBytes = fstatSync(this.#fd).size - completeBytes;
      if (this.tornBytes > 0) ftruncateSync(this.#fd, completeBytes);
      last.bytes = completeBytes;
      this.#next = last.first + lines;
    } catch (cause) {
      throw new MssError('io', `cannot open the event spool ${dir}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Number the next record will get. */
  get nextRecord(): number {
    return this.#next + this.#pendingRecords;
  }

  /** Takes one record; it reaches the disk at the next `flush`, at the latest when 64 kB wait. */
  append(event: SensorEvent): void {
    const line = `${render(event)}\n`;
    this.#makeRoom(line.length * 3); // of UTF-8 for a UTF-16 unit at the most
    const bytes = this.#pending.write(line, this.#pendingBytes);
    if (this.#pendingBytes + bytes > this.#budget.maxPendingBytes) {
      this.droppedRecords++;
      return;
    }
    this.#pendingRecords++;
    this.#pendingBytes += bytes;
    if (this.#pendingBytes > FLUSH_BYTES && !this.#refused) this.flush();
  }

  /**
   * Writes what waits. A disk that refuses keeps the records in memory for the next try.
   * @returns undefined, or why nothing was written
   */
  flush(): string | undefined {
    if (this.#pendingRecords === 0) return undefined;
    const last = this.#segments[this.#segments.length - 1];
    try {
      const bytes = this.#pendingBytes;
      try {
        for (let at = 0; at < bytes; ) at += writeSync(this.#fd, this.#pending, at, bytes - at);
      } catch (error) {
        // a full disk may take half of it: take that back, so that no line is torn or written twice
        ftruncateSync(this.#fd, last.bytes);
        throw error;
      }
      last.bytes += bytes;
      this.#next += this.#pendingRecords;
      this.#pendingRecords = this.#pendingBytes = 0;
      if (this.#pending.length > PENDING_BYTES) this.#pending = Buffer.allocUnsafeSlow(PENDING_BYTES);
      this.#refused = false;
      if (last.bytes >= this.#budget.segmentBytes) this.#startSegment();
    } catch (error) {
      this.#refused = true;
      this.#prune();
      return `cannot write to ${this.dir}: ${messageOf(error)}`;
    }
    this.#prune();
    return undefined;
  }

  /**
   * Has the disk keep what was flushed, so that a bookmark of where it came from may follow.
   * @throws MssError 'io'
   */
  sync(): void {
    try {
      for (const fd of [...this.#syncing, this.#fd]) fsyncSync(fd);
      const failure = this.takeSyncFailure();
      if (failure !== undefined) throw failure;
    } catch (cause) {
      throw new MssError('io', `cannot write to ${this.dir}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Why the disk did not keep a full segment, since the last call; for who never calls {@link sync}. */
  takeSyncFailure(): Error | undefined {
    const failure = this.#syncFailure;
    this.#syncFailure = undefined; // once told, the next try counts again
    return failure;
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#pendingBytes + bytes;
    if (needed <= this.#pending.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#pending.length * 2));
    this.#pending.copy(grown, 0, 0, this.#pendingBytes);
    this.#pending = grown;
  }

  #startSegment(): void {
    const full = this.#fd;
    this.#fd = openSync(join(this.dir, segmentName(this.#next)), 'a+', 0o640);
    this.#segments.push({ first: this.#next, bytes: 0 });
    if (this.#syncing.size >= MAX_SYNCING) {
      try {
        fsyncSync(full);
      } finally {
        closeSync(full);
      }
      return;
    }
    // the disk's time must not be taken from whoever receives
    this.#syncing.add(full);
    fsync(full, (error) => {
      this.#syncFailure ??= error ?? undefined;
      this.#syncing.delete(full);
      closeSync(full);
    });
  }

  #prune(): void {
    let total = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    while (total > this.#budget.maxBytes && this.#segments.length > 1) {
      const oldest = this.#segments.shift()!;
      rmSync(join(this.dir, segmentName(oldest.first)), { force: true });
      total -= oldest.bytes;
      this.prunedRecords += this.#segments[0].first - oldest.first;
    }
  }
}

// EVE's flow_id may pass 2^53; readers use it only to tell flows apart
const bigintAsNumber = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

function render(event: SensorEvent): string {
  try {
    return JSON.stringify(event);
  } catch {
    // asking for each value takes several times as long: only where there is one that JSON refuses
    return JSON.stringify(event, bigintAsNumber);
  }
}

function countLines(fd: number): { lines: number; completeBytes: number } {
  const chunk = Buffer.alloc(1 << 18);
  let lines = 0;
  let completeBytes = 0;
  for (let at = 0; ; ) {
    const got = readSync(fd, chunk, 0, chunk.length, at);
    if (got === 0) return { lines, completeBytes };
    for (let i = chunk.indexOf(10); i !== -1 && i < got; i = chunk.indexOf(10, i + 1)) {
      lines++;
      completeBytes = at + i + 1;
    }
    at += got;
  }
}
