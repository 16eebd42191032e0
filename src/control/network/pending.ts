// A network setting that nobody has confirmed yet: how it was before, on disk, so that neither a crash nor a power cut
// makes it stay by accident.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import type { Paths } from '../../paths.ts';
import type { FileState } from './network-files.ts';

const pendingFile = (at: Paths): string => `${at.stateDir('control')}/pending-network.json`;

/** The files to put back, or undefined when everything is confirmed. */
export function findPending(at: Paths): FileState[] | undefined {
  try {
    return JSON.parse(readFileSync(pendingFile(at), 'utf8')) as FileState[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws MssError 'io' */
export function writePending(at: Paths, before: readonly FileState[]): void {
  mkdirSync(dirname(pendingFile(at)), { recursive: true });
  writeFileAtomic(pendingFile(at), JSON.stringify(before), { mode: 0o600 });
}

export const removePending = (at: Paths): void => rmSync(pendingFile(at), { force: true });
