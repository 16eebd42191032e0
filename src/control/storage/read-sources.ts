// Looks at the machine for places that could hold packets. Reads only.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runChecked } from '../../os/process.ts';
import { readSpace } from '../../os/storage-file.ts';
import type { Machine } from '../jobs.ts';
import { type BlockDevice, isInUse, isRealDisk, LSBLK, parseDisks } from './disks.ts';
import type { StorageSources } from './plan-storage.ts';

/** A share's name becomes part of a unit file and a path: what is odd is not offered. */
const USABLE_NAME = /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,60}$/;

/** `mount_tag` files of virtio devices of one driver; the kernel ends them with a NUL. */
function readTags(dir: string, file: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .map((name) => join(dir, name, file))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8').replaceAll(/[\0\n]/g, ''))
    .filter((tag) => USABLE_NAME.test(tag));
}

async function readHgfsShares({ run }: Machine): Promise<string[]> {
  const ran = await run('vmware-hgfsclient', [], { timeoutMs: 20_000 }).catch(() => undefined);
  if (ran === undefined || ran.code !== 0) return [];
  return ran.stdout.split('\n').filter((name) => USABLE_NAME.test(name));
}

/** An encrypted volume without a header looks empty to blkid; its first bytes do not. */
function startsWithZeros(device: string): boolean {
  const bytes = Buffer.alloc(2 ** 20);
  const fd = openSync(device, 'r');
  try {
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    return read === bytes.length && bytes.every((byte) => byte === 0);
  } finally {
    closeSync(fd);
  }
}

async function isBlank({ run }: Machine, { path }: BlockDevice): Promise<boolean> {
  const probed = await run('blkid', ['-p', path], { timeoutMs: 30_000 });
  if (probed.code !== 2) return false; // 2: nothing found; see blkid(8)
  const signatures = await runChecked(run, 'wipefs', ['--no-act', path], { timeoutMs: 30_000 });
  return signatures.trim() === '' && startsWithZeros(path);
}

function folderBytes(dir: string): number {
  if (!existsSync(dir)) return 0;
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}

/** @throws MssError 'io' when the disks cannot be listed */
export async function readSources(machine: Machine): Promise<StorageSources> {
  const { at, run } = machine;
  const disks = parseDisks(await runChecked(run, 'lsblk', LSBLK, { timeoutMs: 30_000 }));
  const blank: string[] = [];
  for (const disk of disks.filter((disk) => isRealDisk(disk) && !isInUse(disk) && disk.children.length === 0)) {
    if (await isBlank(machine, disk)) blank.push(disk.path);
  }
  const virtualization = await run('systemd-detect-virt', ['--vm'], { timeoutMs: 10_000 });
  return {
    appliance: existsSync(`${at.root}/nsm/etc/appliance`),
    virtual: virtualization.code === 0,
    hgfsShares: await readHgfsShares(machine),
    virtiofsTags: readTags(`${at.root}/sys/fs/virtiofs`, 'tag'),
    ninePTags: readTags(`${at.root}/sys/bus/virtio/drivers/9pnet_virtio`, 'mount_tag'),
    disks,
    blank,
    system: { ...readSpace(`${at.root}/`), packetBytes: folderBytes(at.packetFallback) },
  };
}
