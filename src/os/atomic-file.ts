// A file that is there whole or not at all: written beside, then renamed over (rename(2) is atomic).
import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { MssError, messageOf } from '../errors.ts';

/**
 * Replaces `file` with `text`.
 * @param options.mode permission bits whatever the umask, 0640 unless told
 * @param options.groupId its group, where that is not the writer's own
 * @param options.durable false where the file is made anew at every boot, so that no disk flush is needed
 * @throws MssError 'io'
 */
export function writeFileAtomic(
  file: string,
  text: string | Uint8Array,
  options: { mode?: number; durable?: boolean; groupId?: number } = {},
): void {
  // Root writes into folders of services too: a name that nobody can guess, and never through a link laid out for it.
  const beside = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    const mode = options.mode ?? 0o640;
    const fd = openSync(beside, 'wx', mode);
    try {
      fchmodSync(fd, mode); // a service's umask must not hide its status from the board
      if (options.groupId !== undefined) fchownSync(fd, -1, options.groupId);
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      if (options.durable !== false) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, file);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new MssError('io', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}
