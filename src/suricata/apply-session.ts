// An engine that stays up and is given one capture file after another: the rules are loaded once. Each file starts
// with empty tables of flows. The rules' thresholds ("one alert an hour per source") go on from file to file, as they
// would on the wire: the engine has no way to empty them but loading all rules again.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MssError, messageOf } from '../errors.ts';
import { type Engine, engineMajor, giveToEngine, insideEngine } from '../os/engine-process.ts';
import { EngineSocket } from '../os/engine-socket.ts';
import { EngineStarter } from '../os/engine-starter.ts';
import type { UserIds } from '../os/unix-names.ts';
import { NETWORKS_LIST, REPUTATION_CATEGORY } from '../rules/reputation.ts';
import { planEngine } from './plan-engine.ts';
import { renderSuricataYaml } from './render-suricata-yaml.ts';

const START_WITHIN_MS = 10 * 60_000;
const KEPT_LINES = 200;
const CONFIGURATION = 'suricata.yaml';
const CATEGORIES = 'known-bad-categories.txt';

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
  /** threshold.config; none: no thresholds but those in the rules */
  thresholds?: string;
  /** files that the rules load from beside them, by name */
  lists?: ReadonlyMap<string, string>;
  homeNet: readonly string[];
  /** false: TCP conversations count from their handshake on only, as under the engine's stock configuration */
  midstream?: boolean;
}

/** Renders the configuration and rules of a file-reading engine into `workDir`; gives the path of the configuration inside. */
export function applyFileConfiguration(engine: Engine, workDir: string, input: SessionInput): string {
  const inside = insideEngine(engine, workDir);
  const plan = planEngine({
    engineMajor: engineMajor(engine),
    cores: availableParallelism(),
    memoryBytes: Math.min(totalmem(), 4 * 2 ** 30),
    interfaces: [],
    homeNet: input.homeNet,
    midstream: input.midstream ?? true,
    files: {
      rulesFile: `${inside}/mss.rules`,
      thresholdsFile: `${inside}/threshold.config`,
      categoriesFile: `${inside}/${CATEGORIES}`,
      configDir: '/etc/suricata',
      logDir: inside,
      eveDir: inside,
      commandSocket: `${inside}/engine.sock`,
    },
  });
  writeFileSync(join(workDir, 'mss.rules'), input.rules, { mode: 0o644 });
  writeFileSync(join(workDir, CATEGORIES), REPUTATION_CATEGORY, { mode: 0o644 });
  for (const [name, text] of new Map([[NETWORKS_LIST, ''], ...(input.lists ?? [])])) {
    writeFileSync(join(workDir, name), text, { mode: 0o644 });
  }
  writeFileSync(join(workDir, 'threshold.config'), input.thresholds ?? '', { mode: 0o644 });
  writeFileSync(join(workDir, CONFIGURATION), renderSuricataYaml(plan), { mode: 0o644 });
  return `${inside}/${CONFIGURATION}`;
}

/** An engine ready to be started for sessions, also after this process gave up root. @param user whom it runs as then */
export const createFileEngine = (engine: Engine, user?: UserIds): EngineStarter =>
  new EngineStarter(engine, (inside) => ['-c', `${inside}/${CONFIGURATION}`, '-l', inside, '--unix-socket'], user);

export class EngineSession {
  readonly engine: Engine;
  readonly workDir: string;
  readonly #starter: EngineStarter;
  readonly #exited: Promise<void>;
  #socket: EngineSocket | undefined;
  #lines: string[] = [];
  #partial = '';
  #ended: string | undefined;
  #files = 0;
  /** rules the engine runs, and those it refused by line of the rules text */
  rulesLoaded = 0;
  readonly refused = new Map<number, string>();

  private constructor(starter: EngineStarter) {
    this.engine = starter.engine;
    this.workDir = starter.workDir;
    this.#starter = starter;
    this.#exited = new Promise((resolve) => {
      starter.start({
        hear: (text) => this.#hear(text),
        ended: (why) => {
          this.#ended = why;
          resolve();
        },
      });
    });
  }

  /**
   * Starts the engine with these rules, and waits until it takes files. One session of a starter at a time.
   * @throws MssError 'engine' with the engine's last error when it does not come up
   */
  static async start(starter: EngineStarter, input: SessionInput): Promise<EngineSession> {
    // what an engine that crashed left, its socket too
    for (const name of readdirSync(starter.workDir)) rmSync(join(starter.workDir, name), { recursive: true });
    applyFileConfiguration(starter.engine, starter.workDir, input);
    const session = new EngineSession(starter);
    try {
      await session.#connect();
      await session.#askRules();
      return session;
    } catch (error) {
      await session.close();
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
      this.#starter.kill();
      await this.#exited;
      return { eveFile, packets: 0, why: [died, ...this.#complaints()].join('; ') };
    }
    return { eveFile, packets: await this.#packetsRead(), why: this.#complaints()[0] };
  }

  /** Ends the engine; its starter may start another. */
  async close(): Promise<void> {
    this.#socket?.close();
    if (this.#ended !== undefined) return;
    this.#starter.kill();
    await this.#exited;
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
