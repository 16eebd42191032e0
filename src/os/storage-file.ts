// /run/mss/storage.json, and whether what it names is really there.
import { lstatSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Storage } from '../api/storage.ts';
import { type Paths, paths } from '../paths.ts';
import { writeFileAtomic } from './atomic-file.ts';

/** Undefined until control has found storage. */
export function findStorage(at: Paths = paths): Storage | undefined {
  try {
    return JSON.parse(readFileSync(at.storageFile, 'utf8')) as Storage;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws MssError 'io' */
export const writeStorage = (storage: Storage, at: Paths = paths): void =>
  writeFileAtomic(at.storageFile, `${JSON.stringify(storage)}\n`, { mode: 0o644, durable: false });

/** Whether a folder is the root of a mount: its device differs from its parent's. A folder that is not there is none. */
export function isMountPoint(dir: string): boolean {
  try {
    return lstatSync(dir).dev !== lstatSync(dirname(dir)).dev;
  } catch {
    return false;
  }
}

/** Size and free space (for others than root) of the file system that `path` lies on. */
export function readSpace(path: string): { totalBytes: number; freeBytes: number } {
  const { blocks, bavail, bsize } = statfsSync(path);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}
