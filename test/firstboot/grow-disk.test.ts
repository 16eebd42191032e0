// The system partition grows into a larger disk: the decision, and sfdisk doing it on a disk image.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRootPartition, growDisk } from '../../src/firstboot/grow-disk.ts';
import { type RootPartition, shouldGrow } from '../../src/firstboot/plan-growth.ts';
import { type Run, run } from '../../src/os/process.ts';

const MiB = 2048; // sectors
const ROOT: RootPartition = {
  disk: '/dev/sda',
  partition: '/dev/sda3',
  number: 3,
  startSector: 100 * MiB,
  sectors: 900 * MiB,
  diskSectors: 1001 * MiB,
  lastUsedSector: 1000 * MiB - 1,
};

test('it grows when it is last and there is room worth it', () => {
  expect(shouldGrow(ROOT)).toBe(false);
  expect(shouldGrow({ ...ROOT, diskSectors: 2000 * MiB })).toBe(true);
  expect(shouldGrow({ ...ROOT, diskSectors: 2000 * MiB, lastUsedSector: 1500 * MiB - 1 })).toBe(false);
});

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-grow-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** /sys/class/block as the kernel shows sda with two partitions. */
function makeSys(diskSectors: number, parts: [number, number, number][]): string {
  const disk = join(dir, 'sys/devices/pci/block/sda');
  mkdirSync(disk, { recursive: true });
  mkdirSync(join(dir, 'sys/class/block'), { recursive: true });
  writeFileSync(join(disk, 'size'), `${diskSectors}\n`);
  for (const [number, start, size] of parts) {
    const part = join(disk, `sda${number}`);
    mkdirSync(part);
    writeFileSync(join(part, 'partition'), `${number}\n`);
    writeFileSync(join(part, 'start'), `${start}\n`);
    writeFileSync(join(part, 'size'), `${size}\n`);
    symlinkSync(part, join(dir, 'sys/class/block', `sda${number}`));
  }
  return join(dir, 'sys');
}

const fakeRun =
  (calls: string[], source: string): Run =>
  async (command, args) => {
    calls.push([command, ...args].join(' '));
    return { code: 0, stdout: command === 'findmnt' ? `${source}\n` : '', stderr: '' };
  };

test('the kernel’s view of the disk is read, and partition and file system grow in that order', async () => {
  const sys = makeSys(2000 * MiB, [
    [1, MiB, 99 * MiB],
    [2, 100 * MiB, 900 * MiB],
  ]);
  const calls: string[] = [];
  const fake = fakeRun(calls, '/dev/sda2');
  expect(await findRootPartition(fake, sys)).toEqual({
    ...ROOT,
    partition: '/dev/sda2',
    number: 2,
    diskSectors: 2000 * MiB,
  });
  calls.length = 0;
  await growDisk(fake, sys);
  expect(calls.slice(1)).toEqual([
    'sfdisk --no-reread --force -N 2 /dev/sda',
    'partx --update --nr 2 /dev/sda',
    'resize2fs /dev/sda2',
  ]);
});

test('a root file system on no plain partition is left alone', async () => {
  const calls: string[] = [];
  await growDisk(fakeRun(calls, 'overlay'), makeSys(2000 * MiB, []));
  expect(calls).toHaveLength(1);
});

test('sfdisk moves the end of the last partition to the end of a grown GPT disk', async () => {
  const image = join(dir, 'disk.img');
  writeFileSync(image, '');
  truncateSync(image, 200 * 2 ** 20);
  const table = 'label: gpt\nsize=50MiB\nsize=100MiB\n';
  execFileSync('sfdisk', ['-q', image], { input: table });
  truncateSync(image, 400 * 2 ** 20);
  const ran = await run('sfdisk', ['--no-reread', '--force', '-N', '2', image], { input: ', +\n' });
  expect(ran.code, ran.stderr).toBe(0);
  const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['-J', image], { encoding: 'utf8' }));
  const [first, second] = partitiontable.partitions;
  expect(first.size).toBe(50 * MiB);
  expect(second.start + second.size).toBeGreaterThan(399 * MiB - MiB);
});
