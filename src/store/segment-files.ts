// The files of a packet store: `seg-<number>.pcapng` with `seg-<number>.idx` beside it, and `seg-<number>.open` while
// a segment is being written. Files of any other name are not ours: never read, never counted, never deleted.
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import { writeWholeFile } from './write-file.ts';

const NAME = /^seg-(\d{10})\.(pcapng|open)$/;
/** group-readable: portal and `mss packets` read what capture writes */
const FILE_MODE = 0o640;

export interface SegmentFile {
  /** counts up with every segment of the store */
  number: number;
  path: string;
  indexPath: string;
  /** still being written, or left behind by a writer that died */
  open: boolean;
  bytes: number;
  /** of the index beside it; 0 where there is none */
  indexBytes: number;
}

/** The store's segments, oldest first. A folder that is not there is an empty store. Throws `store`. */
export function listSegments(dir: string): SegmentFile[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new MssError('store', `the packet store ${dir} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const segments: SegmentFile[] = [];
  for (const name of names) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const path = join(dir, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) continue; // pruned since, or a folder that has our name
    const number = Number(match[1]);
    const indexPath = segmentPath(dir, number, 'idx');
    const indexBytes = statSync(indexPath, { throwIfNoEntry: false })?.size ?? 0;
    segments.push({ number, path, indexPath, open: match[2] === 'open', bytes: stat.size, indexBytes });
  }
  return segments.sort((a, b) => a.number - b.number);
}

/** The same segment under the name that it has once it is complete. */
export function completed(segment: SegmentFile): SegmentFile {
  return { ...segment, path: segment.path.replace(/\.open$/, '.pcapng'), open: false };
}

/** Path of one file of a segment. */
export function segmentPath(dir: string, number: number, kind: 'pcapng' | 'open' | 'idx'): string {
  return join(dir, `seg-${String(number).padStart(10, '0')}.${kind}`);
}

/**
 * Creates the next segment's file and writes its header.
 * @param direct past the page cache (O_DIRECT): each write must then be whole pages from aligned memory.
 * @returns its number, an open descriptor to write with, and whether writes do go past the page cache.
 */
export function createSegment(
  dir: string,
  header: Uint8Array,
  direct = false,
): { number: number; fd: number; direct: boolean } {
  const { O_CREAT, O_EXCL, O_WRONLY, O_DIRECT } = constants;
  for (let number = nextNumber(dir); ; number++) {
    const path = segmentPath(dir, number, 'open');
    let fd: number;
    try {
      fd = openSync(path, O_CREAT | O_EXCL | O_WRONLY, FILE_MODE);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue; // another writer of the same store
      throw new MssError('store', `cannot create ${path}: ${messageOf(cause)}`, { cause });
    }
    try {
      for (let at = 0; at < header.length; ) at += writeSync(fd, header, at, header.length - at, at);
    } catch (cause) {
      // a full disk still gives names away: tried once a second, they and their descriptors would pile up
      closeSync(fd);
      rmSync(path, { force: true });
      throw new MssError('store', `cannot write to ${path}: ${messageOf(cause)}`, { cause });
    }
    if (!direct) return { number, fd, direct };
    try {
      const directFd = openSync(path, O_WRONLY | O_DIRECT);
      closeSync(fd);
      return { number, fd: directFd, direct };
    } catch {
      return { number, fd, direct: false }; // FUSE, 9p and tmpfs refuse it: then through the page cache
    }
  }
}

/** Makes a written segment complete: its data and index safe on disk, then the name that says so. */
export function sealSegment(dir: string, number: number, index: Uint8Array): void {
  const openPath = segmentPath(dir, number, 'open');
  const fd = openSync(openPath, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  writeWholeFile(segmentPath(dir, number, 'idx'), index, FILE_MODE);
  renameSync(openPath, segmentPath(dir, number, 'pcapng'));
}

/** Removes a segment: packets first, so that an index without packets is all that a power cut can leave. */
export function removeSegment(segment: SegmentFile): void {
  rmSync(segment.path, { force: true });
  rmSync(segment.indexPath, { force: true });
}

function nextNumber(dir: string): number {
  return (listSegments(dir).at(-1)?.number ?? 0) + 1;
}
