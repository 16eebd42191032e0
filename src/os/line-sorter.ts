// Sorts any number of lines by time in bounded memory: what does not fit waits in temporary files.
// The sorting itself is sort(1), which every Debian has.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { MssError } from '../errors.ts';

const MEMORY = '64M';
const BATCH_CHARS = 64 * 1024;
// microseconds of the year 2286 have 16 digits
const TIME_DIGITS = 16;

export class LineSorter {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<number>;
  #batch = '';

  constructor() {
    this.#child = spawn('sort', ['--buffer-size', MEMORY, '--temporary-directory', tmpdir()], {
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exited = new Promise((done, fail) => {
      this.#child.once('error', (cause) => fail(new MssError('io', `cannot start sort: ${cause.message}`, { cause })));
      this.#child.once('close', (code) => done(code ?? 137));
    });
    // both are awaited in `sorted`; one that is never asked for its result must not end the process
    this.#exited.catch(() => {});
    this.#child.stdin.on('error', () => {});
  }

  /** Takes one line (without newline) and the time it belongs to, in microseconds. */
  async add(timeUs: number, line: string): Promise<void> {
    this.#batch += `${String(Math.max(0, Math.round(timeUs))).padStart(TIME_DIGITS, '0')}${line}\n`;
    if (this.#batch.length >= BATCH_CHARS) await this.#write();
  }

  /**
   * The lines in order of time; of one time in order of their text.
   * @throws MssError 'io' when sort fails, for instance on a full disk
   */
  async *sorted(): AsyncGenerator<string> {
    await this.#write();
    this.#child.stdin.end();
    for await (const line of createInterface({ input: this.#child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield line.slice(TIME_DIGITS);
    }
    const code = await this.#exited;
    if (code !== 0) throw new MssError('io', `sort failed with exit code ${code}; is the temporary folder full?`);
  }

  /** Gives up without a result; sort removes its temporary files. */
  close(): void {
    this.#child.kill('SIGTERM');
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = '';
    if (batch === '' || this.#child.stdin.destroyed) return;
    if (!this.#child.stdin.write(batch)) await Promise.race([once(this.#child.stdin, 'drain'), this.#exited]);
  }
}
