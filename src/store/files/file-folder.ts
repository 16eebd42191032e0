// The folder of files out of the traffic, as Suricata's file-store (version 2) lays it out: <first two digits>/<SHA-256>,
// and our note beside each. A digest is checked before it becomes a path.
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../../errors.ts';
import { type FileNote, parseNote, SHA256 } from './file-note.ts';

export interface KeptFile {
  sha256: string;
  bytes: number;
  /** when it was seen last */
  seenMs: number;
}

export interface NotedFile extends KeptFile {
  note?: FileNote;
}

const NOTE = '.json';
/** where the engine writes what is still on its way */
const UNFINISHED = 'tmp';
/** an unfinished file that nobody wrote to for so long is a dead engine's */
const DEAD_MS = 3600_000;
/** beside the bytes: a million tiny files would make every listing slow */
const MOST_FILES = 20_000;
const SUBFOLDERS = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

const fileOf = (dir: string, sha256: string): string => join(dir, sha256.slice(0, 2), sha256);

/**
 * Makes the subfolders that the engine would make, but so that the folder's group may write and delete in them; a
 * setgid folder hands its group down. Not in a worker, which has no umask of its own.
 * @throws MssError 'io'
 */
export function prepareFileFolder(dir: string): void {
  // a mode set afterwards would clear the setgid bit, which a sandbox lets nobody set again
  const before = process.umask(0o007);
  try {
    for (const name of [...SUBFOLDERS, UNFINISHED]) mkdirSync(join(dir, name), { recursive: true });
  } catch (cause) {
    throw new MssError('io', `cannot prepare ${dir} for files out of the traffic: ${messageOf(cause)}`, { cause });
  } finally {
    process.umask(before);
  }
}

/** @throws MssError 'io' */
export function keepNote(dir: string, sha256: string, note: FileNote): void {
  const path = `${fileOf(dir, sha256)}${NOTE}`;
  try {
    writeFileSync(`${path}.new`, JSON.stringify(note), { mode: 0o640 });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new MssError('io', `cannot note what is known of a file in ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** All of them, the one seen last first. A folder that is not there has none. @throws MssError 'io' */
export function listFiles(dir: string): KeptFile[] {
  const files: KeptFile[] = [];
  for (const folder of SUBFOLDERS) {
    for (const name of namesIn(join(dir, folder))) {
      const status = SHA256.test(name) ? statOrNothing(join(dir, folder, name)) : undefined;
      if (status?.isFile()) files.push({ sha256: name, bytes: status.size, seenMs: status.mtimeMs });
    }
  }
  return files.sort((a, b) => b.seenMs - a.seenMs);
}

/** The newest ones with what is known of them. @throws MssError 'io' */
export const listNoted = (dir: string, most: number): NotedFile[] =>
  listFiles(dir)
    .slice(0, most)
    .map((file) => ({ ...file, note: findNote(dir, file.sha256) }));

/**
 * Opens a file to be read.
 * @throws MssError 'usage' for what is no digest, 'not-found' where there is no such file (any more)
 */
export function openFile(dir: string, sha256: string): { fd: number; bytes: number } {
  if (!SHA256.test(sha256))
    throw new MssError('usage', `"${sha256.slice(0, 80)}" is no SHA-256: 64 hexadecimal digits`);
  let fd: number;
  try {
    fd = openSync(fileOf(dir, sha256), 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new MssError('not-found', `there is no file ${sha256} (any more); "mss files" lists what there is`);
    }
    throw new MssError('io', `cannot read the file ${sha256}: ${messageOf(cause)}`, { cause });
  }
  const status = fstatSync(fd);
  if (status.isFile()) return { fd, bytes: status.size };
  closeSync(fd);
  throw new MssError('not-found', `${sha256} is no file`);
}

export interface Pruned {
  keptFiles: number;
  keptBytes: number;
  deletedFiles: number;
  deletedBytes: number;
}

/** Deletes what is over the quota, the one seen longest ago first, and what a dead engine left. @throws MssError 'io' */
export function pruneFiles(dir: string, quotaBytes: number, nowMs: number): Pruned {
  const pruned: Pruned = { keptFiles: 0, keptBytes: 0, deletedFiles: 0, deletedBytes: 0 };
  const known = new Set<string>();
  let isFull = false;
  for (const { sha256, bytes } of listFiles(dir)) {
    const isTooLarge = bytes > quotaBytes; // it alone goes, not all that is older
    isFull ||= !isTooLarge && (pruned.keptBytes + bytes > quotaBytes || pruned.keptFiles >= MOST_FILES);
    if (!isFull && !isTooLarge) {
      pruned.keptFiles++;
      pruned.keptBytes += bytes;
      known.add(sha256);
      continue;
    }
    remove(fileOf(dir, sha256));
    pruned.deletedFiles++;
    pruned.deletedBytes += bytes;
  }
  for (const folder of SUBFOLDERS) {
    for (const name of namesIn(join(dir, folder))) {
      if (name.endsWith(NOTE) && !known.has(name.slice(0, -NOTE.length))) remove(join(dir, folder, name));
    }
  }
  for (const name of namesIn(join(dir, UNFINISHED))) {
    const path = join(dir, UNFINISHED, name);
    const { mtimeMs } = statOrNothing(path) ?? { mtimeMs: nowMs };
    if (nowMs - mtimeMs > DEAD_MS) remove(path);
  }
  return pruned;
}

function findNote(dir: string, sha256: string): FileNote | undefined {
  try {
    return parseNote(readFileSync(`${fileOf(dir, sha256)}${NOTE}`, 'utf8'));
  } catch {
    return undefined; // seen while ids was down, or deleted in this moment
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw new MssError('io', `cannot delete ${path}: ${messageOf(cause)}`, { cause });
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new MssError('io', `cannot list ${dir}: ${messageOf(cause)}`, { cause });
  }
}

const statOrNothing = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
