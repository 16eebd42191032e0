// Letters on their way, one file each, so that a restart or a server that is down loses none. Bounded: the oldest go.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import type { Letter } from '../../respond/mail/digest.ts';

export type Way = 'mail' | 'webhook';

export interface Queued {
  way: Way;
  letter: Letter;
}

/** Ten minutes a letter and three topics: more than ten hours of a server that is down. */
const MAX_LETTERS = 200;
const NAME = /^\d{10}\.json$/;

export class Outbox {
  /** letters given up because the queue was full */
  dropped = 0;
  #dir: string;
  #names: string[];

  /** @throws when the folder cannot be made or listed */
  constructor(dir: string) {
    mkdirSync(dir, { recursive: true });
    this.#dir = dir;
    this.#names = readdirSync(dir)
      .filter((name) => NAME.test(name))
      .sort();
  }

  get length(): number {
    return this.#names.length;
  }

  /** @throws MssError 'io' */
  put(queued: Queued): void {
    const last = this.#names.at(-1);
    const name = `${String(last === undefined ? 1 : Number.parseInt(last, 10) + 1).padStart(10, '0')}.json`;
    writeFileAtomic(join(this.#dir, name), JSON.stringify(queued));
    this.#names.push(name);
    while (this.#names.length > MAX_LETTERS) {
      this.remove(this.#names[0]);
      this.dropped++;
    }
  }

  /** The oldest letter that goes this way; one that cannot be read is given up and counted. */
  first(way: Way): { name: string; letter: Letter } | undefined {
    for (const name of [...this.#names]) {
      try {
        const queued = JSON.parse(readFileSync(join(this.#dir, name), 'utf8')) as Queued;
        if (queued.way === way) return { name, letter: queued.letter };
      } catch {
        this.remove(name);
        this.dropped++;
      }
    }
    return undefined;
  }

  remove(name: string): void {
    rmSync(join(this.#dir, name), { force: true });
    this.#names = this.#names.filter((other) => other !== name);
  }
}
