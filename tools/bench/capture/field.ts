// Where the programs meet: a veth pair in a network namespace of its own, some processors for the senders and the
// others for what captures. Whatever else the machine does has to stand back (nice).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { MssError } from '../../../src/errors.ts';
import { repoDir, run } from '../../shell.ts';
import type { Limit } from './limit.ts';
import type { Burst } from './sender.ts';
import type { Mix } from './traffic.ts';

export const SENDING_END = 'out';
export const CAPTURED_END = 'mirror';
const MOST_SENDERS = 4;
const LINK_MTU_BYTES = 1600;

export class Field {
  readonly #namespace: string;
  readonly senderCount = Math.max(1, Math.min(MOST_SENDERS, availableParallelism() - 1));

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Makes the namespace and the pair. Throws `io` where that is not allowed. */
  static async create(): Promise<Field> {
    const namespace = `mss-bench-${process.pid}`;
    await run('ip', ['netns', 'add', namespace]);
    const field = new Field(namespace);
    await run('ip', ['-n', namespace, 'link', 'add', SENDING_END, 'type', 'veth', 'peer', 'name', CAPTURED_END]);
    // nothing but our frames on it
    await run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
    // frames of 1514 bytes, and tags before them
    for (const end of [SENDING_END, CAPTURED_END]) {
      await run('ip', ['-n', namespace, 'link', 'set', end, 'mtu', String(LINK_MTU_BYTES), 'up']);
    }
    return field;
  }

  async remove(): Promise<void> {
    await run('ip', ['netns', 'del', this.#namespace]);
  }

  /** Starts a program on the processors that the senders leave. */
  startCapture(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const last = availableParallelism() - this.senderCount - 1;
    return this.#start(`0-${Math.max(0, last)}`, program, args, env);
  }

  /** Our own limit, measured on the same processors. Throws `io`. */
  async measureLimit(mix: Mix, dir: string): Promise<Limit> {
    const script = join(repoDir, 'tools/bench/capture/limit.ts');
    const child = this.startCapture(process.execPath, [script, CAPTURED_END, mix, dir]);
    child.stderr!.pipe(process.stderr);
    let output = '';
    for await (const chunk of child.stdout!) output += chunk;
    if (output === '') throw new MssError('io', `the limit of ${mix} could not be measured`);
    return JSON.parse(output) as Limit;
  }

  startSender(number: number, mix: Mix): ChildProcess {
    const processor = String(availableParallelism() - 1 - number);
    const script = join(repoDir, 'tools/bench/capture/sender.ts');
    return this.#start(processor, process.execPath, [script, SENDING_END, mix], {});
  }

  /** All three programs in front replace themselves by the next: the child's process id is the program's. */
  #start(processors: string, program: string, args: readonly string[], env: Record<string, string>): ChildProcess {
    const before = ['-n', '-19', 'taskset', '-c', processors, 'ip', 'netns', 'exec', this.#namespace];
    return spawn('nice', [...before, program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
}

/** Several sending processes as one. */
export class Senders {
  readonly #children: ChildProcess[];
  readonly #answers: Interface[];
  readonly #gone: Promise<never>;

  constructor(field: Field, mix: Mix) {
    this.#children = Array.from({ length: field.senderCount }, (_, i) => field.startSender(i, mix));
    for (const child of this.#children) child.stderr?.pipe(process.stderr);
    this.#answers = this.#children.map((child) => createInterface({ input: child.stdout! }));
    this.#gone = Promise.race(this.#children.map((child) => once(child, 'exit'))).then(fail);
    this.#gone.catch(() => {}); // at the end they are all gone
  }

  /** Sends so many packets at so many a second (0: as fast as it goes), and says what was really done. */
  async burst(packets: number, packetsPerSecond: number): Promise<Burst> {
    const share = this.#children.length;
    const done = this.#answers.map((answers) => once(answers, 'line'));
    for (const { stdin } of this.#children) {
      stdin!.write(`${Math.ceil(packets / share)} ${Math.ceil(packetsPerSecond / share)}\n`);
    }
    const bursts = await Promise.race([Promise.all(done), this.#gone]);
    const parts = bursts.map(([line]) => JSON.parse(line as string) as Burst);
    return {
      packets: parts.reduce((sum, part) => sum + part.packets, 0),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      seconds: Math.max(...parts.map((part) => part.seconds)),
    };
  }

  end(): void {
    for (const { stdin } of this.#children) stdin!.end();
  }
}

function fail(): never {
  throw new MssError('io', 'a sender ended before its time');
}
