// A day squeezed into minutes: the real service at half the rate that it takes without loss, its quota turning over all
// the time. MSS_SOAK_MINUTES says how long, MSS_SOAK_WORKERS with how many capture threads:
// MSS_SOAK_MINUTES=20 npm run test:long -- soak
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';
import { pathsUnder } from '../../src/paths.ts';
import { measureStore } from '../../src/store/quota.ts';
import { listSegments } from '../../src/store/segment-files.ts';
import { CAPTURED_END, Field, Senders } from '../../tools/bench/capture/field.ts';

const SOAK_MS = Number(process.env.MSS_SOAK_MINUTES ?? 20) * 60_000;
const QUOTA_BYTES = 512 * 2 ** 20;
/** several times what the rings can hold: what is loss-free for so long is so for ever */
const PROBE_PACKETS = 3_000_000;
const WORKERS = Number(process.env.MSS_SOAK_WORKERS ?? 0);
/** of the mean resident memory: what the collector leaves lying about changes it by so much */
const MOST_GROWTH = 0.03;
const SAMPLE_MS = 1000;
const MIX = 'imix';

const root = mkdtempSync(join(tmpdir(), 'mss-soak-'));
const paths = pathsUnder(root);
const store = join(root, 'store');
const field = await Field.create().catch(() => undefined);
if (field === undefined) process.stderr.write('soak.long.test.ts is skipped: it needs root and network namespaces\n');
let service: ChildProcess | undefined;
let senders: Senders | undefined;

afterAll(async () => {
  senders?.end();
  service?.kill('SIGKILL');
  await field?.remove();
  rmSync(root, { recursive: true, force: true });
});

function readStatus(): ServiceStatus | undefined {
  try {
    return JSON.parse(readFileSync(paths.statusFile('capture'), 'utf8')) as ServiceStatus;
  } catch {
    return undefined;
  }
}

async function start(): Promise<void> {
  for (const path of [paths.settingsFile, paths.desiredFile, paths.storageFile]) {
    mkdirSync(dirname(path), { recursive: true });
  }
  mkdirSync(store);
  writeFileSync(paths.settingsFile, `export promiscuous_interface=${CAPTURED_END}\n`);
  writeFileSync(
    paths.desiredFile,
    JSON.stringify({ packetLog: { bytes: QUOTA_BYTES }, capture: { workers: WORKERS } }),
  );
  writeFileSync(paths.storageFile, JSON.stringify({ kind: 'system', dir: store, label: 'soak', totalBytes: 0 }));
  service = field!.startCapture(process.execPath, ['services/capture/main.ts'], { MSS_ROOT: root });
  service.stdout!.resume();
  service.stderr!.pipe(process.stderr);
  while (readStatus()?.state !== 'running') await sleep(50);
}

/** Packets that were lost so far, once the service has told of all that were sent. */
async function lostOf(sent: number): Promise<number> {
  for (;;) {
    const { receivedPackets, ringDroppedPackets, nicDroppedPackets, unwrittenPackets } = readStatus()!.counters;
    const unseen = ringDroppedPackets + nicDroppedPackets;
    if (receivedPackets + unseen >= sent) return unseen + unwrittenPackets;
    await sleep(100);
  }
}

/** Half of the first rate, coming down from the senders' own limit, at which nothing is lost. */
async function findRate(): Promise<{ packetsPerSecond: number; sent: number; lost: number }> {
  let sent = 0;
  let lostBefore = 0;
  for (let wanted = 0; ; ) {
    const burst = await senders!.burst(PROBE_PACKETS, wanted);
    sent += burst.packets;
    const reached = burst.packets / burst.seconds;
    const lost = await lostOf(sent);
    if (lost === lostBefore) return { packetsPerSecond: reached / 2, sent, lost };
    lostBefore = lost;
    wanted = reached * 0.7;
  }
}

const rssBytes = (): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${service!.pid}/status`, 'utf8'))![1]) * 1024;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test.skipIf(field === undefined)('no loss, no growth, and never above the quota', async () => {
  await start();
  senders = new Senders(field!, MIX);
  const { packetsPerSecond, sent, lost } = await findRate();
  const samples: { rssBytes: number; storedBytes: number; warm: boolean }[] = [];
  const burst = senders.burst(Math.ceil((packetsPerSecond * SOAK_MS) / 1000), packetsPerSecond);
  const over = burst.then(() => true);
  while (!(await Promise.race([over, sleep(SAMPLE_MS, false)]))) {
    // by then every page of rings and indexes was in use
    const warm = readStatus()!.counters.prunedBytes > QUOTA_BYTES;
    samples.push({ rssBytes: rssBytes(), storedBytes: measureStore(store, listSegments(store)), warm });
  }
  const { packets, seconds } = await burst;
  const lostInSoak = (await lostOf(sent + packets)) - lost;
  const { prunedBytes } = readStatus()!.counters;
  service!.kill('SIGTERM');
  await once(service!, 'exit');

  const warm = samples.filter((sample) => sample.warm).map((sample) => sample.rssBytes);
  const half = Math.floor(warm.length / 2);
  const [first, last] = [mean(warm.slice(0, half)), mean(warm.slice(half))];
  const mostBytes = Math.max(...samples.map((sample) => sample.storedBytes));
  process.stderr.write(
    `soak: ${Math.round(packets / seconds)} packets/s for ${Math.round(seconds)} s, ${lostInSoak} lost, resident once ` +
      `warm ${Math.round(first / 2 ** 20)} -> ${Math.round(last / 2 ** 20)} MB, at most ${Math.round(mostBytes / 2 ** 20)} ` +
      `of ${QUOTA_BYTES / 2 ** 20} MB on disk, ${Math.round(prunedBytes / 2 ** 20)} MB pruned\n`,
  );
  expect(lostInSoak).toBe(0);
  expect(half).toBeGreaterThan(0);
  expect(last).toBeLessThan(first * (1 + MOST_GROWTH));
  expect(mostBytes).toBeLessThanOrEqual(QUOTA_BYTES);
  expect(prunedBytes).toBeGreaterThan(QUOTA_BYTES);
});
