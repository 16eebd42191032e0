// A day squeezed into minutes: the real service at half the rate that it takes without loss, its quota turning over all
// the time. MSS_SOAK_MINUTES says how long, MSS_SOAK_WORKERS with how many capture threads:
// MSS_SOAK_MINUTES=20 npm run test:long -- soak
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { measureStore } from '../../src/store/quota.ts';
import { listSegments } from '../../src/store/segment-files.ts';
import { LoadedCapture } from './loaded-capture.ts';

const SOAK_SECONDS = Number(process.env.MSS_SOAK_MINUTES ?? 20) * 60;
const QUOTA_BYTES = 512 * 2 ** 20;
const WORKERS = Number(process.env.MSS_SOAK_WORKERS ?? 0);
/** of the mean resident memory: what the collector leaves lying about changes it by so much */
const MOST_GROWTH = 0.03;
const SAMPLE_MS = 1000;
/** Until all is as it stays: no engine speaks here, so that after a minute capture's own flow table fills, too. */
const WARM_UP_SECONDS = 240;

const capture = await LoadedCapture.start('soak', 'imix', {
  packetLog: { bytes: QUOTA_BYTES },
  capture: { workers: WORKERS },
});
afterAll(() => capture?.close());

const rssBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test.skipIf(capture === undefined)('no loss, no growth, and never above the quota', async () => {
  const { store, pid } = capture!;
  const packetsPerSecond = (await capture!.findLossFreeRate()) / 2;
  expect((await capture!.send(Math.ceil(packetsPerSecond * WARM_UP_SECONDS), packetsPerSecond)).lost).toBe(0);
  const samples: { rssBytes: number; storedBytes: number }[] = [];
  const soak = capture!.send(Math.ceil(packetsPerSecond * SOAK_SECONDS), packetsPerSecond);
  const over = soak.then(() => true);
  while (!(await Promise.race([over, sleep(SAMPLE_MS, false)]))) {
    samples.push({ rssBytes: rssBytes(pid), storedBytes: measureStore(store, listSegments(store)) });
  }
  const sent = await soak;
  const { prunedBytes } = capture!.counters;
  await capture!.stop();

  const resident = samples.map((sample) => sample.rssBytes);
  const half = Math.floor(resident.length / 2);
  const [first, last] = [mean(resident.slice(0, half)), mean(resident.slice(half))];
  const mostBytes = Math.max(...samples.map((sample) => sample.storedBytes));
  process.stderr.write(
    `soak: ${Math.round(sent.packetsPerSecond)} packets/s for ${SOAK_SECONDS} s, ${sent.lost} lost, resident ` +
      `${Math.round(first / 2 ** 20)} -> ${Math.round(last / 2 ** 20)} MB, at most ${Math.round(mostBytes / 2 ** 20)} ` +
      `of ${QUOTA_BYTES / 2 ** 20} MB on disk, ${Math.round(prunedBytes / 2 ** 20)} MB pruned\n`,
  );
  expect(sent.lost).toBe(0);
  expect(half).toBeGreaterThan(0);
  expect(last).toBeLessThan(first * (1 + MOST_GROWTH));
  expect(mostBytes).toBeLessThanOrEqual(QUOTA_BYTES);
  expect(prunedBytes).toBeGreaterThan(QUOTA_BYTES);
});
