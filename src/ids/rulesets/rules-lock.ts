// One at a time may change the rule sets: ids' own round, `mss rules update`, import and undo. A file with the owner's
// process id; one that a crash left counts for nothing.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MssError } from '../../errors.ts';
import type { Paths } from '../../paths.ts';
import { makeDir, rulesDir } from './ruleset-store.ts';

/** a round with all its tests of the engine takes less, on the slowest machine too */
const STALE_MS = 45 * 60_000;
const POLL_MS = 200;

/**
 * Does the work once nobody else changes the rule sets.
 * @param waitMs how long another's work is waited for
 * @throws MssError 'rule' naming the process that is not done by then; whatever the work throws
 */
export async function withRulesLock<T>(at: Paths, work: () => T | Promise<T>, waitMs = STALE_MS): Promise<T> {
  makeDir(rulesDir(at));
  const file = join(rulesDir(at), 'lock');
  for (const deadline = Date.now() + waitMs; !take(file); await wait(POLL_MS)) {
    if (Date.now() >= deadline) {
      throw new MssError(
        'rule',
        `process ${findOwner(file) ?? '?'} is changing the rule sets; try again when it is done`,
      );
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  const owner = findOwner(file);
  if (owner !== undefined && !isAlive(owner)) rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o644 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new MssError('io', `${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/** Whose it is; 0 for nobody's: too old, or written by halves. */
function findOwner(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    const ageMs = Date.now() - statSync(file).mtimeMs;
    // its maker writes the number right after it made the file
    if (!(owner > 0)) return ageMs < 1000 ? undefined : 0;
    return ageMs > STALE_MS ? 0 : owner;
  } catch {
    return undefined; // none
  }
}

function isAlive(processId: number): boolean {
  if (processId === 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}
