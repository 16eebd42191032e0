// Writes one path's ledger: a line a minute. Its folder is the writer's alone; everybody may read it.
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { messageOf } from '../errors.ts';
import { type LedgerMinute, renderMinute } from './ledger-minute.ts';
import { addMinute, addTotal, dayFile, dayOf, listDays, noTotal, readDay, readSums, writeSums } from './ledger-sums.ts';

/** A month of minutes, some 10 MB; of older days the sum stays. */
const KEPT_DAYS = 32;
/** Minutes that wait in memory while the disk refuses them; what is beyond becomes a gap. */
const MOST_WAITING = 1440;

export class LedgerWriter<N extends string> {
  /** minutes given up because the disk refused them for too long */
  droppedMinutes = 0;
  readonly #dir: string;
  readonly #names: readonly N[];
  #day: string | undefined;
  #waiting: { day: string; line: string }[] = [];

  /** Opens nothing yet: a disk that refuses is told by `append`. */
  constructor(dir: string, names: readonly N[]) {
    this.#dir = dir;
    this.#names = names;
  }

  /** Adds a minute. @returns undefined, or why it waits for the next try */
  append(minute: LedgerMinute<Record<N, number>>): string | undefined {
    this.#waiting.push({ day: dayOf(minute.minute), line: `${renderMinute(minute)}\n` });
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.droppedMinutes++;
    }
    try {
      while (this.#waiting.length > 0) {
        const { day, line } = this.#waiting[0];
        if (day !== this.#day) this.#begin(day);
        this.#write(day, line);
        this.#waiting.shift();
      }
      return undefined;
    } catch (error) {
      return `cannot write the ledger in ${this.#dir}: ${messageOf(error)}`;
    }
  }

  /** Another day: all others are over, and the oldest go. */
  #begin(day: string): void {
    mkdirSync(this.#dir, { recursive: true });
    chmodSync(this.#dir, 0o755); // whatever the service's umask: it is no secret
    const sums = readSums(this.#dir, this.#names);
    for (const gone of sums.dropped.splice(0)) rmSync(dayFile(this.#dir, gone), { force: true });
    this.#cutTornLine(day);
    const over = listDays(this.#dir).filter((one) => one !== day);
    for (const one of over) {
      const { total, bytes: from } = sums.days[one] ?? { bytes: 0, total: noTotal(this.#names) };
      const { minutes, bytes } = readDay(this.#dir, one, this.#names, from);
      for (const minute of minutes) addMinute(total, minute);
      sums.days[one] = { bytes, total };
    }
    const settled = Object.keys(sums.days).filter((one) => one !== day);
    for (const old of settled.sort().slice(0, -KEPT_DAYS)) {
      addTotal(sums.before, sums.days[old].total);
      delete sums.days[old];
      sums.dropped.push(old);
    }
    writeSums(this.#dir, sums);
    for (const old of sums.dropped) rmSync(dayFile(this.#dir, old), { force: true });
    this.#day = day;
  }

  /** A power cut may leave half a line, which the next must not be glued to. */
  #cutTornLine(day: string): void {
    const fd = openSync(dayFile(this.#dir, day), 'a', 0o644);
    try {
      fchmodSync(fd, 0o644);
      ftruncateSync(fd, readDay(this.#dir, day, this.#names).bytes);
    } finally {
      closeSync(fd);
    }
  }

  #write(day: string, line: string): void {
    const fd = openSync(dayFile(this.#dir, day), 'a', 0o644);
    const { size } = fstatSync(fd);
    try {
      const bytes = Buffer.from(line);
      if (writeSync(fd, bytes) < bytes.length) throw new Error('the disk is full');
    } catch (error) {
      ftruncateSync(fd, size);
      throw error;
    } finally {
      closeSync(fd);
    }
  }
}
