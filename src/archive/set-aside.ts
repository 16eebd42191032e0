// What the database's errors say of its file; and a damaged file kept under another name, so that a new one can begin.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Damaged files are evidence, not archives: the newest ones are kept, older ones would only fill the disk. */
const KEPT = 2;
const LOG = '.wal';

/**
 * What an error says about the file itself: damaged, or of a version that this program cannot read.
 * A lock, a permission, a full disk or memory says nothing of the kind.
 */
export function isDamage(message: string): boolean {
  return (
    /not a valid DuckDB|corrupt|could not read enough bytes|checksum|serializ|replaying WAL|unsupported.*version|newer (version|DuckDB)|storage version|schema version/i.test(
      message,
    ) && !/no space|could not set lock|permission denied|out of memory/i.test(message)
  );
}

/** What to do about an error that says nothing bad of the file; empty where nothing is known. */
export function remedyFor(message: string): string {
  if (/no space left|disk (is )?full|write.*failed/i.test(message)) {
    return '; free space on this disk, or lower archive.bytes with "mss config set archive.bytes N"';
  }
  return /set lock/i.test(message) ? '; another process holds it, only mss-portal may' : '';
}

/** Whether only the log of the last rows is damaged: without it the file is as it was a little earlier, bookmarks and all. */
export const isDamageOfLog = (message: string): boolean => isDamage(message) && /replaying WAL|WAL file/i.test(message);

/**
 * Renames `file` and its log, or (`only: 'log'`) its log alone, to `<file>.damaged-<time>`.
 * @returns the new name
 */
export function setAside(file: string, nowMs: number, only?: 'log'): string {
  const aside = `${file}.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '')}`;
  for (const ending of only === 'log' ? [LOG] : ['', LOG]) {
    if (existsSync(file + ending)) renameSync(file + ending, aside + ending);
  }
  const dir = dirname(file);
  const times = readdirSync(dir)
    .filter((name) => name.startsWith(`${basename(file)}.damaged-`))
    .map((name) => name.replace(/\.wal$/, ''));
  for (const name of [...new Set(times)].sort().slice(0, -KEPT)) {
    for (const ending of ['', LOG]) rmSync(join(dir, name + ending), { force: true });
  }
  return only === 'log' ? aside + LOG : aside;
}
