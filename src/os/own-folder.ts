// Folders that root makes below one where others may write: no link on the way is ever followed.
import { closeSync, constants, fchmodSync, fchownSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';

const FOLDER_ITSELF = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Makes `names` below `base`, one in the other, where they are not there yet.
 * @param then gets the innermost folder as an open file descriptor: what it does to that, it does to nothing else
 * @returns its path
 * @throws MssError 'io' for a link in place of a folder, or what the file system refuses
 */
export function makeFolderBelow(base: string, names: readonly string[], then: (fd: number) => void = () => {}): string {
  let path = base;
  let fd = openFolder(base, constants.O_RDONLY | constants.O_DIRECTORY, base);
  try {
    for (const name of names) {
      path = join(path, name);
      // openat(2) by another name: whoever exchanges a folder above meanwhile exchanges nothing for us
      const inner = openMade(`/proc/self/fd/${fd}/${name}`, path);
      closeSync(fd);
      fd = inner;
    }
    then(fd);
    return path;
  } finally {
    closeSync(fd);
  }
}

/** Gives an open folder to an owner. @throws what the file system says; some know no owners */
export function giveFolder(fd: number, userId: number, groupId: number, mode: number): void {
  fchownSync(fd, userId, groupId);
  fchmodSync(fd, mode);
}

function openMade(at: string, path: string): number {
  try {
    mkdirSync(at, { mode: 0o755 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new MssError('io', `cannot make ${path}: ${messageOf(cause)}`, { cause });
    }
  }
  return openFolder(at, FOLDER_ITSELF, path);
}

function openFolder(at: string, flags: number, path: string): number {
  try {
    return openSync(at, flags);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ELOOP' || code === 'ENOTDIR' ? 'is a link or a file, not a folder; remove it' : messageOf(cause);
    throw new MssError('io', `${path}: ${why}`, { cause });
  }
}
