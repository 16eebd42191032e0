// Puts a store in order before a writer starts: segments that a power cut or a crash left open are completed,
// missing or damaged indexes made anew, and what belongs to no segment removed. Touches only files named like ours.
import { closeSync, openSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import { groupOf } from './groups/group-format.ts';
import { findSlot, joinGroup } from './groups/join-group.ts';
import { openIndex, openSegment } from './open-segment.ts';
import { readFrom } from './read-at.ts';
import { renderIndex } from './render-index.ts';
import { scanSegment } from './scan-segment.ts';
import { readSealedHeader } from './sealed/open-plain.ts';
import type { PacketKey } from './sealed/packet-keys.ts';
import { PAGE_BYTES } from './sealed/sealed-format.ts';
import { wholeRunBytes } from './sealed/sealed-reader.ts';
import { listSegments, removeSegment, type SegmentFile, sealSegment, writeIndex } from './segment-files.ts';

export interface RecoveryReport {
  /** segments left open: completed, or removed where they held no whole packet */
  completed: number;
  removed: number;
  /** of the completed ones, those that got no index, being encrypted for others: queries read them from end to end */
  unindexed: number;
  /** indexes of complete segments that had to be made anew */
  reindexed: number;
  /** bytes cut off at the ends of segments */
  tornBytes: number;
  /** files without a segment that were removed */
  strays: number;
  /** what could not be put in order, a line each */
  failures: string[];
}

const STRAY = /^seg-(\d{10})\.idx(\.new)?$/;
const GROUP = /^group-(\d{10})\.flt(\.lock)?$/;

function emptyRecoveryReport(): RecoveryReport {
  return { completed: 0, removed: 0, unindexed: 0, reindexed: 0, tornBytes: 0, strays: 0, failures: [] };
}

/** @param dir a store that nobody writes to. */
export function recoverStore(dir: string): RecoveryReport {
  const report = emptyRecoveryReport();
  const segments = listSegments(dir);
  for (const segment of segments) {
    try {
      if (segment.open) completeSegment(dir, segment, report);
      else restoreIndex(dir, segment, report);
    } catch (error) {
      report.failures.push(`${segment.path}: ${messageOf(error)}`);
    }
  }
  if (segments.length > 0) removeStrays(dir, new Set(listSegments(dir).map((segment) => segment.number)), report);
  return report;
}

/** Completes one segment that its writer gave up, from what is on disk of it. @param keys for an encrypted one */
export function completeOpenSegment(dir: string, number: number, keys: readonly PacketKey[] = []): void {
  const segment = listSegments(dir).find((one) => one.open && one.number === number);
  if (segment !== undefined) completeSegment(dir, segment, emptyRecoveryReport(), keys);
}

function completeSegment(
  dir: string,
  segment: SegmentFile,
  report: RecoveryReport,
  keys: readonly PacketKey[] = [],
): void {
  if (withFile(segment, readSealedHeader) !== undefined) {
    completeSealed(dir, segment, report, keys);
    return;
  }
  const scanned = scan(segment);
  if (scanned === undefined || scanned.index.packets === 0) {
    removeSegment(segment);
    report.removed++;
    report.tornBytes += segment.bytes;
    return;
  }
  const { index, validBytes } = scanned;
  cutTail(segment, validBytes, report);
  sealSegment(dir, segment.number, renderIndex(index, validBytes));
  report.completed++;
}

/** Without the key its packets cannot be indexed; what is torn shows all the same. */
function completeSealed(dir: string, segment: SegmentFile, report: RecoveryReport, keys: readonly PacketKey[]): void {
  const wholeBytes = withFile(segment, (fd) => wholeRunBytes(readFrom(fd), segment.bytes));
  if (wholeBytes <= PAGE_BYTES) {
    removeSegment(segment);
    report.removed++;
    report.tornBytes += segment.bytes;
    return;
  }
  cutTail(segment, wholeBytes, report);
  const index = indexSealed(segment, keys);
  sealSegment(dir, segment.number, index);
  report.completed++;
  if (index === undefined) report.unindexed++;
}

function indexSealed(segment: SegmentFile, keys: readonly PacketKey[]): Uint8Array | undefined {
  try {
    const opened = openSegment(segment, keys);
    try {
      return renderIndex(scanSegment(opened.readAt, opened.measure()).index, opened.measure());
    } finally {
      opened.close();
    }
  } catch (error) {
    if (error instanceof MssError) return undefined; // locked, or damaged: a query with the key says which
    throw error;
  }
}

function restoreIndex(dir: string, segment: SegmentFile, report: RecoveryReport): void {
  const found = openIndex(segment, segment.bytes);
  if (found !== undefined) {
    if (findSlot(dir, segment.number) === undefined) joinGroup(dir, segment.number, found, false);
    found.close();
    return;
  }
  if (withFile(segment, readSealedHeader) !== undefined) return; // its index is encrypted, too
  const scanned = scan(segment);
  if (scanned === undefined) {
    // not even its header is readable: kept for a person to look at, under a name that is not ours
    renameSync(segment.path, `${segment.path}.damaged`);
    report.failures.push(`${segment.path}: its header is damaged; kept as ${segment.path}.damaged`);
    return;
  }
  const { index, validBytes } = scanned;
  cutTail(segment, validBytes, report);
  withFile(segment, (fd) => writeIndex(dir, segment.number, fd, renderIndex(index, validBytes)));
  report.reindexed++;
}

/** Undefined where its header is damaged. A disk that cannot be read says nothing of what is on it: that is thrown. */
function scan(segment: SegmentFile): ReturnType<typeof scanSegment> | undefined {
  try {
    return withFile(segment, (fd) => scanSegment(readFrom(fd), segment.bytes));
  } catch (error) {
    if (error instanceof MssError) return undefined;
    throw error;
  }
}

function withFile<T>({ path }: SegmentFile, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function cutTail(segment: SegmentFile, validBytes: number, report: RecoveryReport): void {
  if (validBytes === segment.bytes) return;
  truncateSync(segment.path, validBytes);
  report.tornBytes += segment.bytes - validBytes;
}

function removeStrays(dir: string, numbers: Set<number>, report: RecoveryReport): void {
  const groups = new Set([...numbers].map(groupOf));
  for (const name of readdirSync(dir)) {
    const match = STRAY.exec(name) ?? GROUP.exec(name);
    if (match === null) continue;
    const living = match[0].startsWith('seg-') ? numbers : groups;
    if (match[2] === undefined && living.has(Number(match[1]))) continue;
    rmSync(join(dir, name), { force: true });
    report.strays++;
  }
}
