// A disk that is full: batches are refused with a clear message, nothing is half there, and all goes on once there is room.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DuckDbArchive } from '../../src/archive/duckdb.ts';
import { logEvent, NOON_US } from './sample.ts';

const dir = mkdtempSync(join(tmpdir(), 'mss-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dir]).status === 0;
if (!mounted) console.log('a full disk is not tested: mounting a tmpfs needs root');
afterAll(() => {
  if (mounted) spawnSync('umount', [dir]);
  rmSync(dir, { recursive: true, force: true });
});

const batch = (from: number, count: number) => ({
  records: Array.from({ length: count }, (_, i) => ({
    number: from + i,
    event: logEvent({
      timeUs: NOON_US + from + i,
      message: `${Math.sin(from + i)}${'y'.repeat(400)}${Math.cos(from + i)}`,
    }),
  })),
  next: { record: from + count, segment: 0, offset: from + count },
  badRecords: 0,
});

test.skipIf(!mounted)('refused with its reason, then applied once', async () => {
  const archive = await DuckDbArchive.open(join(dir, 'archive.duckdb'));
  const ballast = join(dir, 'ballast');
  await archive.apply('syslog-x', batch(0, 1000));
  let fill = 22 * 2 ** 20;
  for (; fill > 0; fill -= 2 ** 20) {
    try {
      writeFileSync(ballast, Buffer.alloc(fill));
      break;
    } catch {
      rmSync(ballast, { force: true });
    }
  }
  let refusal = '';
  let applied = 1000;
  for (let tries = 0; tries < 40 && refusal === ''; tries++) {
    await archive.apply('syslog-x', batch(applied, 2000)).then(
      () => {
        applied += 2000;
      },
      (error: Error) => {
        refusal = error.message;
      },
    );
  }
  expect(refusal).toMatch(
    /event archive .*archive\.duckdb cannot be written: .*; free space on this disk, or lower archive\.bytes/,
  );
  expect(archive.bookmark('syslog-x').record).toBe(applied);
  rmSync(ballast);
  await archive.apply('syslog-x', batch(applied, 2000));
  expect(archive.bookmark('syslog-x').record).toBe(applied + 2000);
  expect(archive.setAside).toBeUndefined();
  expect((await archive.coverage('logs')).rows).toBe(applied + 2000);
  await archive.close();
});
