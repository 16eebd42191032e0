// The real capture service under the load of the benches' senders, for tests that last: what it says of itself, and what
// it lost.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';
import { pathsUnder } from '../../src/paths.ts';
import { CAPTURED_END, Field, Senders } from '../../tools/bench/capture/field.ts';
import type { Mix } from '../../tools/bench/capture/traffic.ts';

/** several times what the rings can hold: what is loss-free for so long is so for ever */
const PROBE_PACKETS = 3_000_000;

export class LoadedCapture {
  readonly store: string;
  readonly senders: Senders;
  readonly #root: string;
  readonly #field: Field;
  readonly #service: ChildProcess;
  #sent = 0;

  private constructor(field: Field, mix: Mix, desired: object) {
    this.#field = field;
    this.#root = mkdtempSync(join(tmpdir(), 'mss-loaded-'));
    this.store = join(this.#root, 'store');
    mkdirSync(this.store);
    const paths = pathsUnder(this.#root);
    for (const path of [paths.settingsFile, paths.desiredFile, paths.storageFile]) {
      mkdirSync(dirname(path), { recursive: true });
    }
    writeFileSync(paths.settingsFile, `export promiscuous_interface=${CAPTURED_END}\n`);
    writeFileSync(paths.desiredFile, JSON.stringify(desired));
    writeFileSync(paths.storageFile, JSON.stringify({ kind: 'system', dir: this.store, label: 'test', totalBytes: 0 }));
    this.#service = field.startCapture(process.execPath, ['services/capture/main.ts'], { MSS_ROOT: this.#root });
    this.#service.stdout!.resume();
    this.#service.stderr!.pipe(process.stderr);
    this.senders = new Senders(field, mix);
  }

  /** Undefined where it is not allowed, which is said. @param desired configuration */
  static async start(test: string, mix: Mix, desired: object): Promise<LoadedCapture | undefined> {
    const field = await Field.create().catch(() => undefined);
    if (field === undefined) {
      process.stderr.write(`${test} is skipped: it needs root and network namespaces\n`);
      return undefined;
    }
    const capture = new LoadedCapture(field, mix, desired);
    while (capture.#findStatus()?.state !== 'running') await sleep(50);
    return capture;
  }

  async close(): Promise<void> {
    this.senders.end();
    this.#service.kill('SIGKILL');
    await this.#field.remove();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Stops it as systemd would; it must end well. */
  async stop(): Promise<void> {
    this.#service.kill('SIGTERM');
    expect(await once(this.#service, 'exit')).toEqual([0, null]);
  }

  get pid(): number {
    return this.#service.pid!;
  }

  get counters(): ServiceStatus['counters'] {
    return this.#findStatus()!.counters;
  }

  /** Sends so many packets at so many a second (0: as fast as it goes); the rate that was reached, and what was lost. */
  async send(packets: number, packetsPerSecond: number): Promise<{ packetsPerSecond: number; lost: number }> {
    const before = this.#lost;
    const burst = await this.senders.burst(packets, packetsPerSecond);
    this.#sent += burst.packets;
    while (this.counters.receivedPackets + this.#unseen < this.#sent) await sleep(100);
    return { packetsPerSecond: burst.packets / burst.seconds, lost: this.#lost - before };
  }

  /** The first rate, coming down from the senders' own limit, at which nothing is lost. */
  async findLossFreeRate(): Promise<number> {
    for (let wanted = 0; ; ) {
      const { packetsPerSecond, lost } = await this.send(PROBE_PACKETS, wanted);
      if (lost === 0) return packetsPerSecond;
      wanted = packetsPerSecond * 0.7;
    }
  }

  get #unseen(): number {
    const { ringDroppedPackets, nicDroppedPackets } = this.counters;
    return ringDroppedPackets + nicDroppedPackets;
  }

  get #lost(): number {
    return this.#unseen + this.counters.unwrittenPackets;
  }

  #findStatus(): ServiceStatus | undefined {
    try {
      return JSON.parse(readFileSync(pathsUnder(this.#root).statusFile('capture'), 'utf8')) as ServiceStatus;
    } catch {
      return undefined;
    }
  }
}
