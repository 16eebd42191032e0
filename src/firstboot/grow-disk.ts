// Grows the system partition and its file system, in use as they are.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Run, runChecked } from '../os/process.ts';
import { type RootPartition, shouldGrow } from './plan-growth.ts';

/** Undefined where the root file system lies on no plain partition (LVM, a container, a test). */
export async function findRootPartition(run: Run, sysDir = '/sys'): Promise<RootPartition | undefined> {
  const source = (await runChecked(run, 'findmnt', ['-n', '-o', 'SOURCE', '/'])).trim();
  const link = join(sysDir, 'class/block', basename(source));
  if (!source.startsWith('/dev/') || !existsSync(join(link, 'partition'))) return undefined;
  const dir = realpathSync(link);
  const diskDir = dirname(dir);
  const read = (from: string, file: string) => Number(readFileSync(join(from, file), 'utf8'));
  const ends = readdirSync(diskDir)
    .map((name) => join(diskDir, name))
    .filter((child) => existsSync(join(child, 'partition')))
    .map((child) => read(child, 'start') + read(child, 'size') - 1);
  return {
    disk: `/dev/${basename(diskDir)}`,
    partition: source,
    number: read(dir, 'partition'),
    startSector: read(dir, 'start'),
    sectors: read(dir, 'size'),
    diskSectors: read(diskDir, 'size'),
    lastUsedSector: Math.max(...ends),
  };
}

/**
 * Grows partition, then file system. Can be repeated after a crash at any point: a file system that fills its
 * partition already is left as it is.
 * @throws MssError 'io'
 */
export async function growDisk(run: Run, sysDir?: string): Promise<void> {
  const root = await findRootPartition(run, sysDir);
  if (root === undefined) return;
  if (shouldGrow(root)) {
    const { disk, number } = root;
    await runChecked(run, 'sfdisk', ['--no-reread', '--force', '-N', String(number), disk], { input: ', +\n' });
    await runChecked(run, 'partx', ['--update', '--nr', String(number), disk]);
  }
  await runChecked(run, 'resize2fs', [root.partition], { timeoutMs: 300_000 });
}
