// The engine as the appliance runs it, on the mirror end of a veth pair in a network namespace of its own, its files
// below a temporary root, rules reloaded through ids' own code. Needs root.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MssError } from '../../../src/errors.ts';
import { categoriesFileOf, createEngineControl, type EngineControl } from '../../../src/ids/engine-control.ts';
import { currentRulesFile, currentThresholdsFile, saveRuleset } from '../../../src/ids/rulesets/ruleset-store.ts';
import {
  type Engine,
  engineCommand,
  engineEnvironment,
  engineMajor,
  giveToEngine,
  insideEngine,
} from '../../../src/os/engine-process.ts';
import { EngineSocket } from '../../../src/os/engine-socket.ts';
import { type Paths, pathsUnder } from '../../../src/paths.ts';
import { renderRules } from '../../../src/rules/render-rules.ts';
import { REPUTATION_CATEGORY } from '../../../src/rules/reputation.ts';
import type { SourcedRule } from '../../../src/rules/rule-file.ts';
import { planEngine } from '../../../src/suricata/plan-engine.ts';
import { renderSuricataYaml } from '../../../src/suricata/render-suricata-yaml.ts';
import { repoDir, run } from '../../shell.ts';

const SENDING_END = 'out';
const MIRROR_END = 'mirror';
const START_WITHIN_MS = 5 * 60_000;
/** the engine's threads add up their counters every second or so */
const COUNTED_WITHIN_MS = 30_000;
/** the default appliance's, whatever machine this is */
const MEMORY_BYTES = 4 * 2 ** 30;
/** those of the unit */
const RIGHTS = '-all,+net_raw,+net_admin,+sys_nice,+ipc_lock';

/** Files that the rules load, by name. */
type Lists = ReadonlyMap<string, string>;

export class LiveEngine {
  readonly #root = mkdtempSync(join(tmpdir(), 'mss-live-'));
  readonly #at: Paths = pathsUnder(this.#root);
  readonly #namespace = `mss-live-${process.pid}`;
  readonly #engine: Engine;
  readonly #control: EngineControl;
  #child: ChildProcess | undefined;
  #said = '';
  /** from its start until it answered, with all rules loaded */
  startMs = 0;

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.#control = createEngineControl(this.#at, () => {
      throw new MssError('engine', 'nothing here restarts the engine');
    });
  }

  /** @throws MssError 'io' where namespaces are not allowed, 'engine' with the engine's words when it does not start */
  static async start(engine: Engine, rules: readonly SourcedRule[], lists?: Lists): Promise<LiveEngine> {
    const live = new LiveEngine(engine);
    try {
      await live.#makeField();
      live.putInForce(rules, lists);
      await live.#startEngine();
      return live;
    } catch (error) {
      await live.close();
      throw error;
    }
  }

  /** Makes these rules the set in force; the engine has them after the next reload. */
  putInForce(rules: readonly SourcedRule[], lists?: Lists): void {
    const about = { createdMs: 0, checkedMs: 0, sources: [], rules: rules.length, off: 0, broken: [] };
    saveRuleset(this.#at, renderRules(rules), about, [], lists);
  }

  /** As ids does it. @returns rules the engine runs. @throws MssError 'engine' */
  async reload(): Promise<number> {
    const result = await this.#control.reloadRules();
    if ('why' in result) throw new MssError('engine', result.why);
    return result.loaded;
  }

  /** Resident memory of the engine, rings included. */
  get rssBytes(): number {
    const status = readFileSync(`/proc/${this.#child!.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** What the engine took from the wire, once it has counted `expected` packets or has had time enough. */
  async countPackets(expected: number): Promise<{ packets: number; drops: number }> {
    const socket = await EngineSocket.connect(this.#at.suricataSocket);
    try {
      for (const deadline = Date.now() + COUNTED_WITHIN_MS; ; await wait(200)) {
        const { pkts, drop } = (await socket.command('iface-stat', { iface: MIRROR_END })) as Record<string, number>;
        if (pkts >= expected || Date.now() > deadline) return { packets: pkts, drops: drop };
      }
    } finally {
      socket.close();
    }
  }

  /** Alerts of one rule; what the engine has not written yet is waited for, up to `expected`. */
  async countAlerts(sid: number, expected: number): Promise<number> {
    const words = `"signature_id":${sid},`;
    for (const deadline = Date.now() + COUNTED_WITHIN_MS; ; await wait(200)) {
      const files = readdirSync(this.#at.eveDir).map((name) => readFileSync(join(this.#at.eveDir, name), 'utf8'));
      const alerts = files.reduce((sum, text) => sum + text.split(words).length - 1, 0);
      if (alerts >= expected || Date.now() > deadline) return alerts;
    }
  }

  /** Sends the frames over and over until the returned function is called; that gives the rounds sent. */
  startTraffic(frames: readonly Uint8Array[], packetsPerSecond: number): () => Promise<number> {
    const script = join(repoDir, 'tools/bench/rules/replay.ts');
    const words = ['netns', 'exec', this.#namespace, process.execPath, script, SENDING_END, String(packetsPerSecond)];
    const child = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    let rounds = '';
    child.stdout.on('data', (text) => {
      rounds += String(text);
    });
    child.stdin.write(`${frames.map((frame) => Buffer.from(frame).toString('hex')).join('\n')}\n\n`);
    const gone = once(child, 'close');
    return async () => {
      child.stdin.end();
      await gone;
      if (rounds === '') throw new MssError('io', 'the sender ended before its time');
      return Number(rounds);
    };
  }

  async close(): Promise<void> {
    if (this.#child !== undefined && this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await run('ip', ['netns', 'del', this.#namespace]).catch(() => {}); // it may not have come to be
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #makeField(): Promise<void> {
    const namespace = this.#namespace;
    await run('ip', ['netns', 'add', namespace]);
    await run('ip', ['-n', namespace, 'link', 'add', SENDING_END, 'type', 'veth', 'peer', 'name', MIRROR_END]);
    // nothing but our frames on it
    await run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
    for (const end of [SENDING_END, MIRROR_END]) await run('ip', ['-n', namespace, 'link', 'set', end, 'up']);
    const at = this.#at;
    const cacheDir = join(at.stateDir('suricata'), 'patterns');
    for (const dir of [at.stateDir('ids'), at.suricataDir, at.eveDir, cacheDir]) mkdirSync(dir, { recursive: true });
    for (const dir of [this.#root, at.suricataDir, at.eveDir, cacheDir]) giveToEngine(dir);
  }

  async #startEngine(): Promise<void> {
    const at = this.#at;
    const inside = (path: string) => insideEngine(this.#engine, this.#root) + path.slice(this.#root.length);
    const plan = planEngine({
      engineMajor: engineMajor(this.#engine),
      cores: availableParallelism(),
      memoryBytes: MEMORY_BYTES,
      interfaces: [MIRROR_END],
      homeNet: ['10.0.0.0/8'],
      midstream: true,
      files: {
        rulesFile: inside(currentRulesFile(at)),
        thresholdsFile: inside(currentThresholdsFile(at)),
        categoriesFile: inside(categoriesFileOf(at)),
        configDir: '/etc/suricata',
        logDir: inside(at.suricataDir),
        eveDir: inside(at.eveDir),
        commandSocket: inside(at.suricataSocket),
        cacheDir: inside(join(at.stateDir('suricata'), 'patterns')),
      },
    });
    writeFileSync(categoriesFileOf(at), REPUTATION_CATEGORY, { mode: 0o644 });
    writeFileSync(at.suricataYaml, renderSuricataYaml(plan), { mode: 0o644 });
    const args = ['-c', inside(at.suricataYaml), '--af-packet'];
    const command = engineCommand(this.#engine, args, this.#root);
    // the one thing that a live engine needs beyond one that reads files
    const setpriv = command.indexOf('setpriv');
    command.splice(setpriv + 1, 0, `--inh-caps=${RIGHTS}`, `--ambient-caps=${RIGHTS}`, `--bounding-set=${RIGHTS}`);
    const startedMs = performance.now();
    // each program replaces itself by the next: the child's process id is the engine's
    const child = spawn('ip', ['netns', 'exec', this.#namespace, ...command], {
      env: engineEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-4096);
      });
    }
    while ((await this.#control.findLoadedMs()) === undefined) {
      if (child.exitCode !== null || performance.now() - startedMs > START_WITHIN_MS) {
        throw new MssError('engine', `${this.#engine.label} does not get ready: ${this.#said.trim()}`);
      }
      await wait(50);
    }
    this.startMs = performance.now() - startedMs;
  }
}
