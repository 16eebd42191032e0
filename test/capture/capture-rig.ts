// The real capture service on one end of a veth pair in a network namespace of its own, for tests of what befalls it.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';
import type { Storage } from '../../src/api/storage.ts';
import { pathsUnder } from '../../src/paths.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { emptyQueryReport, findPackets } from '../../src/store/find-packets.ts';

export class CaptureRig {
  readonly root = mkdtempSync(join(tmpdir(), 'mss-rig-'));
  readonly paths = pathsUnder(this.root);
  /** mounts made and taken away below this are seen by the service, too */
  readonly mounts = join(this.root, 'mounts');
  readonly #namespace: string;
  #service: ChildProcess | undefined;

  private constructor(namespace: string) {
    this.#namespace = namespace;
    const ip = (...args: string[]) => execFileSync('ip', ['-n', namespace, ...args]);
    ip('link', 'add', 'out', 'type', 'veth', 'peer', 'name', 'mirror');
    execFileSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
    ip('link', 'set', 'out', 'up');
    for (const path of [this.paths.settingsFile, this.paths.desiredFile, this.paths.storageFile]) {
      mkdirSync(dirname(path), { recursive: true });
    }
    writeFileSync(this.paths.settingsFile, 'export promiscuous_interface=mirror\n');
    mkdirSync(this.mounts);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', this.mounts]);
    execFileSync('mount', ['--make-shared', this.mounts]);
  }

  /** Undefined where it is not allowed, which is said. */
  static open(test: string): CaptureRig | undefined {
    const namespace = `mss-${test}-${process.pid}`;
    if (process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', namespace]).status === 0) {
      return new CaptureRig(namespace);
    }
    process.stderr.write(`${test} is skipped: it needs root and network namespaces\n`);
    return undefined;
  }

  close(): void {
    this.#service?.kill('SIGKILL');
    execFileSync('ip', ['netns', 'del', this.#namespace]);
    execFileSync('umount', ['-R', '-l', this.mounts]);
    rmSync(this.root, { recursive: true });
  }

  /** What control would have found. */
  useStorage(storage: Pick<Storage, 'dir' | 'kind' | 'mountPoint'>): void {
    writeFileSync(this.paths.storageFile, JSON.stringify({ label: 'test store', totalBytes: 0, ...storage }));
  }

  async start(): Promise<void> {
    const service = spawn('ip', ['netns', 'exec', this.#namespace, process.execPath, 'services/capture/main.ts'], {
      env: { ...process.env, MSS_ROOT: this.root },
      stdio: 'ignore',
    });
    this.#service = service;
    await until(() => {
      const status = this.#findStatus();
      return status?.pid === service.pid && status?.state === 'running';
    });
  }

  /** Stops it as systemd would; it must end well. */
  async stop(): Promise<void> {
    this.#service!.kill('SIGTERM');
    expect(await once(this.#service!, 'exit')).toEqual([0, null]);
  }

  get running(): boolean {
    return this.#service?.exitCode === null && this.#service.signalCode === null;
  }

  get status(): ServiceStatus {
    return this.#findStatus()!;
  }

  get counters(): ServiceStatus['counters'] {
    return this.status.counters;
  }

  get warnings(): string {
    return this.status.warnings.map(({ text }) => text).join('\n');
  }

  /** Sends on the other end; on the captured end itself, what the service must not store. */
  send(frames: readonly Buffer[], end: 'out' | 'mirror' = 'out'): void {
    const args = ['netns', 'exec', this.#namespace, process.execPath, 'test/capture/send-frames.ts', end];
    execFileSync('ip', args, { input: frames.map((bytes) => bytes.toString('hex')).join('\n') });
  }

  #findStatus(): ServiceStatus | undefined {
    try {
      return JSON.parse(readFileSync(this.paths.statusFile('capture'), 'utf8')) as ServiceStatus;
    } catch {
      return undefined;
    }
  }
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

/** All packets of a store that match, as hexadecimal; nothing in it may be damaged. */
export async function storedIn(dir: string, filter = ''): Promise<string[]> {
  const report = emptyQueryReport();
  const packets: string[] = [];
  for await (const packet of findPackets(dir, { filter: parseFilter(filter) }, report)) {
    packets.push(Buffer.from(packet.data).toString('hex'));
  }
  expect(report.damage).toEqual([]);
  return packets;
}
