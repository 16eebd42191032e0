// Starts an engine as often as it takes, always in the one work folder that is fixed beforehand. Whoever made it while
// root (the image's engine needs that for its chroot) may give up root meanwhile: the shell that waits here for a word
// starts nothing but this engine, and as an unprivileged user in any case.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type Engine, engineCommand, engineEnvironment, giveToUser, insideEngine, NOBODY } from './engine-process.ts';
import type { UserIds } from './unix-names.ts';

/** What an engine that runs tells: all it says, and once that it ended, and how. */
export interface EngineListener {
  hear(text: string): void;
  ended(why: string): void;
}

// One engine at a time, each under a shell of its own that dies with it or takes it along (--pdeathsig). Status goes to
// descriptor 3, which the engine does not have. An interrupt from the terminal is for the reader, whose end ends stdin.
const SCRIPT = `trap '' INT HUP
run=0 engine=
stop() {
  if [ -n "$engine" ]; then kill -KILL "$engine"; wait "$engine"; fi
  engine=
} 2>/dev/null
while read -r word; do
  stop
  if [ "$word" = start ]; then
    run=$((run + 1))
    { "$@" 3>&-; echo "$run $?" >&3; } &
    engine=$!
  else
    echo "$run 137" >&3
  fi
done
stop`;

export class EngineStarter {
  readonly engine: Engine;
  /** the one folder that the engine may write; gone after close() */
  readonly workDir: string;
  readonly #shell: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #gone: Promise<void>;
  #listener: EngineListener | undefined;
  #runs = 0;
  // a person who interrupts an import is not left with the captures of it in the temporary folder
  readonly #onExit = () => this.#removeWorkDir();

  /**
   * @param args from the configuration's name in the work folder, as the engine sees it
   * @param user whom engine and work folder belong to, where this process is root
   */
  constructor(engine: Engine, args: (inside: string) => readonly string[], user: UserIds = NOBODY) {
    this.engine = engine;
    this.workDir = mkdtempSync(join(tmpdir(), 'mss-'));
    giveToUser(this.workDir, user);
    process.once('exit', this.#onExit);
    const command = engineCommand(engine, args(insideEngine(engine, this.workDir)), this.workDir, user);
    this.#shell = spawn('sh', ['-c', SCRIPT, 'sh', ...command], {
      cwd: '/',
      env: engineEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#gone = new Promise((resolve) => {
      this.#shell.once('error', (error) => {
        this.#end(error.message);
        resolve();
      });
      this.#shell.once('exit', () => {
        this.#end('its starter ended');
        resolve();
      });
    });
    this.#shell.stdin.on('error', () => {}); // told by the exit
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.#listener?.hear(text));
    }
    let said = '';
    (this.#shell.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const lines = (said + text).split('\n');
      said = lines.pop()!;
      for (const line of lines) this.#onStatus(line);
    });
  }

  /** Starts the engine; one that still ran is ended by it. */
  start(listener: EngineListener): void {
    this.#listener = listener;
    this.#runs++;
    this.#shell.stdin.write('start\n');
  }

  /** Ends the engine at once; the listener hears of it. */
  kill(): void {
    this.#shell.stdin.write('stop\n');
  }

  /** Ends engine and starter and removes the work folder. */
  async close(): Promise<void> {
    this.#shell.stdin.end();
    await this.#gone;
    process.off('exit', this.#onExit);
    this.#removeWorkDir();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #removeWorkDir(): void {
    rmSync(this.workDir, { recursive: true, force: true, maxRetries: 3 });
  }

  /** "run code" of a shell: 128 and more is a signal's number. A line of an earlier engine is late, and nobody's. */
  #onStatus(line: string): void {
    const [run, code] = line.split(' ').map(Number);
    if (run === this.#runs)
      this.#end(code > 128 ? `it was ended by signal ${code - 128}` : `it ended with exit code ${code}`);
  }

  #end(why: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.ended(why);
  }
}
