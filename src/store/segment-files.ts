// The files of a packet store: listed with their sizes, created, completed and removed. Their names: segment-names.ts.
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { MssError, messageOf } from '../errors.ts';
import { joinGroup } from './groups/join-group.ts';
import { IndexFile } from './index-file.ts';
import { readSealedHeader } from './sealed/open-plain.ts';
import { sealFile } from './sealed/sealed-writer.ts';
import { FILE_MODE, listNames, type SegmentName, segmentPath } from './segment-names.ts';
import { writeWholeFile } from './write-file.ts';

export interface SegmentFile extends SegmentName {
  bytes: number;
  /** of the index beside it; 0 where there is none */
  indexBytes: number;
}

/**
 * The store's segments, oldest first. A folder that is not there is an empty store. Throws `store`.
 * @param known segments that were listed before: complete ones do not change, and are not looked at again.
 */
export function listSegments(dir: string, known: readonly SegmentFile[] = []): SegmentFile[] {
  const segments: SegmentFile[] = [];
  const complete = new Map(known.filter(({ open }) => !open).map((segment) => [segment.path, segment]));
  for (const name of listNames(dir).segments) {
    const before = complete.get(name.path);
    if (before !== undefined) {
      segments.push(before);
      continue;
    }
    const stat = statSync(name.path, { throwIfNoEntry: false });
    if (!stat?.isFile()) continue; // pruned since, or a folder that has our name
    const indexBytes = statSync(name.indexPath, { throwIfNoEntry: false })?.size ?? 0;
    segments.push({ ...name, bytes: stat.size, indexBytes });
  }
  return segments;
}

/**
 * Creates the next segment's file and writes its header.
 * @param direct past the page cache (O_DIRECT): each write must then be whole pages from aligned memory, and so the
 *   header is: packets on disk are nothing without it.
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
    let isDirect = false;
    try {
      fd = openSync(path, O_CREAT | O_EXCL | O_WRONLY, FILE_MODE);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue; // another writer of the same store
      throw new MssError('store', `cannot create ${path}: ${messageOf(cause)}`, { cause });
    }
    if (direct) {
      try {
        const directFd = openSync(path, O_WRONLY | O_DIRECT);
        closeSync(fd);
        fd = directFd;
        isDirect = true;
      } catch {
        // FUSE, 9p and tmpfs refuse it: then through the page cache
      }
    }
    try {
      for (let at = 0; at < header.length; ) at += writeSync(fd, header, at, header.length - at, at);
    } catch (cause) {
      // a full disk still gives names away: tried once a second, they and their descriptors would pile up
      closeSync(fd);
      rmSync(path, { force: true });
      throw new MssError('store', `cannot write to ${path}: ${messageOf(cause)}`, { cause });
    }
    return { number, fd, direct: isDirect };
  }
}

/**
 * Makes a written segment complete: its data and index safe on disk, known to its group, then the name that says so.
 * @param index undefined: it cannot be made, since the segment is encrypted and nobody here has the key.
 */
export function sealSegment(dir: string, number: number, index: Uint8Array | undefined): void {
  const openPath = segmentPath(dir, number, 'open');
  const fd = openSync(openPath, 'r');
  try {
    fsyncSync(fd);
    if (index !== undefined) writeIndex(dir, number, fd, index);
  } finally {
    closeSync(fd);
  }
  renameSync(openPath, segmentPath(dir, number, 'pcapng'));
}

/** Puts the index beside a segment, encrypted for the same keys where that is; its group is told. @param fd of the segment */
export function writeIndex(dir: string, number: number, fd: number, index: Uint8Array): void {
  const header = readSealedHeader(fd);
  const file = header === undefined ? index : sealFile({ kind: 'index', number }, header.wraps, index);
  writeWholeFile(segmentPath(dir, number, 'idx'), file, FILE_MODE);
  joinGroup(dir, number, IndexFile.of(index), header !== undefined);
}

/** Removes a segment: packets first, so that an index without packets is all that a power cut can leave. */
export function removeSegment(segment: SegmentFile): void {
  rmSync(segment.path, { force: true });
  rmSync(segment.indexPath, { force: true });
}

function nextNumber(dir: string): number {
  return (listNames(dir).segments.at(-1)?.number ?? 0) + 1;
}
