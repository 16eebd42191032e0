// A database file that cannot be used any more: kept under another name, so that a new one can begin in its place.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Damaged files are evidence, not archives: the newest ones are kept, older ones would only fill the disk. */
const KEPT = 2;

/**
 * What an error says about the file itself: damaged, or of a version that this program cannot read.
 * A lock, a permission, a full disk or memory says nothing of the kind.
 */
export function isDamage(message: string): boolean {
  return (
    /not a valid DuckDB|corrupt|checksum|serializ|replaying WAL|unsupported.*version|newer (version|DuckDB)|storage version|schema version/i.test(
      message,
    ) && !/no space|could not set lock|permission denied|out of memory/i.test(message)
  );
}

/**
 * Renames `file` and its log to `<file>.damaged-<time>`.
 * @returns the new name
 */
export function setAside(file: string, nowMs: number): string {
  const aside = `${file}.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '')}`;
  for (const ending of ['', '.wal']) {
    if (existsSync(file + ending)) renameSync(file + ending, aside + ending);
  }
  const dir = dirname(file);
  const older = readdirSync(dir)
    .filter((name) => name.startsWith(`${basename(file)}.damaged-`) && !name.endsWith('.wal'))
    .sort()
    .slice(0, -KEPT);
  for (const name of older) for (const ending of ['', '.wal']) rmSync(join(dir, name + ending), { force: true });
  return aside;
}
