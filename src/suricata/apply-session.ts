// An engine that stays up and is given one capture file after another: the rules are loaded once. Each file starts
// with empty tables of flows. The rules' thresholds ("one alert an hour per source") go on from file to file, as they
// would on the wire: the engine has no way to empty them but loading all rules again.
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MssError, messageOf } from '../errors.ts';
import { type Engine, giveToEngine, insideEngine, startEngine } from '../os/engine-process.ts';
import { EngineSocket } from '../os/engine-socket.ts';
import { planEngine } from './plan-engine.ts';
import { renderSuricataYaml } from './render-suricata-yaml.ts';

const START_WITHIN_MS = 10 * 60_000;
const KEPT_LINES = 200;

export interface Inspected {
  /** the EVE file, complete */
  eveFile: string;
  /** packets the engine says it read */
  packets: number;
  /** why it could not read all, or undefined */
  why?: string;
}

export interface SessionInput {
  rules: string;
  homeNet: readonly string[];
}

/** Renders the configuration and rules of a file-reading engine into `workDir`; gives the path of the configuration inside. */
export function applyFileConfiguration(engine: Engine, workDir: string, input: SessionInput): string {
  const inside = insideEngine(engine, workDir);
  const plan = planEngine({
    cores: availableParallelism(),
    memoryBytes: Math.min(totalmem(), 4 * 2 ** 30),
    interfaces: [],
    homeNet: input.homeNet,
    files: {
      rulesFile: `${inside}/mss.rules`,
      configDir: '/etc/suricata',
      logDir: inside,
      eveDir: inside,
      commandSocket: `${inside}/engine.sock`,
    },
  });
  writeFileSync(join(workDir, 'mss.rules'), input.rules, { mode: 0o644 });
  writeFileSync(join(workDir, 'suricata.yaml'), renderSuricataYaml(plan), { mode: 0o644 });
  return `${inside}/suricata.yaml`;
}

export class EngineSession {
  readonly engine: Engine;
  readonly workDir: string;
  readonly #child: ChildProcess;
  #socket: EngineSocket | undefined;
  #lines: string[] = [];
  #partial = '';
  #ended: string | undefined;
  #files = 0;
  /** rules the engine runs, and those it refused by line of the rules text */
  rulesLoaded = 0;
  readonly refused = new Map<number, string>();
  // a person who interrupts an import is not left with the captures of it in the temporary folder
  readonly #onExit = () => rmSync(this.workDir, { recursive: true, force: true, maxRetries: 3 });

  private constructor(engine: Engine, workDir: string, configuration: string) {
    this.engine = engine;
    this.workDir = workDir;
    process.once('exit', this.#onExit);
    const args = ['-c', configuration, '-l', insideEngine(engine, workDir), '--unix-socket'];
    this.#child = startEngine(engine, args, workDir);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    }
    this.#child.once('error', (error) => {
      this.#ended = error.message;
    });
    this.#child.once('exit', (code, signal) => {
      this.#ended ??= signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
    });
  }

  /**
   * Starts an engine with these rules in a temporary folder of its own, and waits until it takes files.
   * @throws MssError 'engine' with the engine's last error when it does not come up
   */
  static async start(engine: Engine, input: SessionInput): Promise<EngineSession> {
    const workDir = mkdtempSync(join(tmpdir(), 'mss-'));
    giveToEngine(workDir);
    let session: EngineSession | undefined;
    try {
      session = new EngineSession(engine, workDir, applyFileConfiguration(engine, workDir, input));
      await session.#connect();
      await session.#askRules();
      return session;
    } catch (error) {
      await session?.close();
      rmSync(workDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Whether the engine still runs; one that crashed on a file is replaced by a new session. */
  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** A path in the work folder for a capture file that will be inspected. */
  captureFile(name: string): string {
    return join(this.workDir, name);
  }

  /**
   * Has one capture file of the work folder inspected. What the engine cannot read is told in `why`, not thrown.
   * @param timeoutMs after which the engine is given up
   */
  async inspect(name: string, timeoutMs: number): Promise<Inspected> {
    const outDir = join(this.workDir, `eve-${this.#files++}`);
    mkdirSync(outDir, { mode: 0o750 });
    giveToEngine(outDir);
    this.#lines = [];
    const inside = insideEngine(this.engine, this.workDir);
    const eveFile = join(outDir, 'eve.json');
    try {
      await this.#socket!.command('pcap-file', {
        filename: `${inside}/${name}`,
        'output-dir': `${inside}/${outDir.slice(this.workDir.length + 1)}`,
      });
      await this.#untilIdle(Date.now() + timeoutMs);
    } catch (error) {
      const died = this.#ended === undefined ? messageOf(error) : `the engine stopped: ${this.#ended}`;
      this.#child.kill('SIGKILL');
      return { eveFile, packets: 0, why: [died, ...this.#complaints()].join('; ') };
    }
    return { eveFile, packets: await this.#packetsRead(), why: this.#complaints()[0] };
  }

  /** Ends the engine and removes the work folder. */
  async close(): Promise<void> {
    this.#socket?.close();
    if (this.#ended === undefined) {
      const exited = new Promise((done) => this.#child.once('exit', done));
      this.#child.kill('SIGKILL');
      await exited;
    }
    process.off('exit', this.#onExit);
    rmSync(this.workDir, { recursive: true, force: true });
  }

  async #connect(): Promise<void> {
    const deadline = Date.now() + START_WITHIN_MS;
    while (this.#socket === undefined) {
      if (this.#ended !== undefined) {
        throw new MssError(
          'engine',
          `${this.engine.label} does not start: ${this.#complaints().join('; ') || this.#ended}`,
        );
      }
      if (Date.now() > deadline) throw new MssError('engine', `${this.engine.label} does not get ready`);
      try {
        this.#socket = await EngineSocket.connect(join(this.workDir, 'engine.sock'));
      } catch {
        // the socket appears once the rules are loaded
        await wait(50);
      }
    }
  }

  async #askRules(): Promise<void> {
    const [stats] = (await this.#socket!.command('ruleset-stats')) as { rules_loaded: number }[];
    this.rulesLoaded = stats.rules_loaded;
    const failed = await this.#socket!.command('ruleset-failed-rules');
    if (!Array.isArray(failed)) return;
    for (const { line, reason } of failed as { line: number; reason?: string }[]) {
      this.refused.set(line, reason ?? 'the engine gave no reason');
    }
  }

  async #untilIdle(deadline: number): Promise<void> {
    for (let pauseMs = 2; ; pauseMs = Math.min(100, pauseMs * 1.5)) {
      const current = await this.#socket!.command('pcap-current');
      if (current === 'None' && (await this.#socket!.command('pcap-file-number')) === 0) return;
      if (Date.now() > deadline) throw new MssError('engine', 'it took too long and was given up');
      await wait(pauseMs);
    }
  }

  /** The engine says it on its standard error, which may arrive a little after the socket's answer. */
  async #packetsRead(): Promise<number> {
    for (let tries = 0; tries < 100; tries++) {
      for (const line of this.#lines) {
        const read = /\bread \d+ files?, (\d+) packets/.exec(line);
        if (read !== null) return Number(read[1]);
      }
      if (this.#complaints().length > 0) return 0;
      await wait(10);
    }
    return 0;
  }

  #complaints(): string[] {
    return this.#lines.flatMap((line) => /^(?:E|Error): (?:[\w-]+: )?(.*)$/.exec(line)?.[1] ?? []).slice(0, 3);
  }

  #hear(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop()!.slice(0, 4096);
    this.#lines.push(...lines.filter((line) => !/^(?:W|Warning):/.test(line)));
    if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
  }
}
