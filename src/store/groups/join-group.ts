// Adds a segment to its group's file, before the segment gets its final name. What cannot be added is not lost: a query
// opens such a segment's own index.
import { randomInt } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { HAS_ADDRESSES, KEY_WORDS, W_DST, W_KIND, W_SRC } from '../../pcap/key-words.ts';
import type { IndexFile } from '../index-file.ts';
import { FILE_MODE, groupPath } from '../segment-names.ts';
import {
  addToPage,
  emptyGroupHeader,
  flowGroupKey,
  GROUP_FILE_BYTES,
  GROUP_HEADER_BYTES,
  GROUP_PAGE_BYTES,
  GROUP_PAGES,
  type GroupKey,
  type GroupSlot,
  groupOf,
  hostGroupKey,
  isPageWhole,
  pageOffset,
  readGroupSeed,
  readSlot,
  renderSlot,
  sealPage,
  slotOffset,
} from './group-format.ts';

/** Each ring has a thread that ends segments: they take turns, at some milliseconds each. */
const LONGEST_WAIT_MS = 500;
/** Nobody holds the lock for so long: its owner was killed. */
const STALE_LOCK_MS = 30_000;

/**
 * Notes in the group's file what a segment holds; where that fails the file goes: none is right, an old one might not be.
 * @param index of the segment.
 * @param sealed the segment is encrypted: then its time and size, and nothing of what it holds.
 */
export function joinGroup(dir: string, number: number, index: IndexFile, sealed: boolean): void {
  const path = groupPath(dir, groupOf(number));
  const lock = `${path}.lock`;
  const locked = takeLock(lock);
  try {
    if (locked) addSegment(path, number, index, sealed);
    else rmSync(path, { force: true });
  } catch {
    rmSync(path, { force: true }); // a full disk, for instance
  } finally {
    if (locked) rmSync(lock, { force: true });
  }
}

/** What the group's file knows of this segment; undefined where it does not know it. */
export function findSlot(dir: string, number: number): GroupSlot | undefined {
  try {
    const fd = openSync(groupPath(dir, groupOf(number)), 'r');
    try {
      const header = new Uint8Array(GROUP_HEADER_BYTES);
      readSync(fd, header, 0, header.length, 0);
      return readGroupSeed(header) === undefined ? undefined : readSlot(header, number);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function addSegment(path: string, number: number, index: IndexFile, sealed: boolean): void {
  const file = new Uint8Array(GROUP_FILE_BYTES);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  try {
    for (let at = 0; at < file.length; ) {
      const got = readSync(fd, file, at, file.length - at, at);
      if (got === 0) break;
      at += got;
    }
    let seed = readGroupSeed(file.subarray(0, GROUP_HEADER_BYTES));
    if (seed === undefined) {
      seed = randomInt(2 ** 32);
      file.fill(0);
      file.set(emptyGroupHeader(seed));
      writeAll(fd, file, 0, GROUP_HEADER_BYTES);
    }
    const touched: Uint32Array[] = new Array(GROUP_PAGES);
    const add = (key: GroupKey) => {
      touched[key.page] ??= takePage(file, key.page);
      addToPage(touched[key.page], key, number);
    };
    const record = new Uint32Array(KEY_WORDS);
    for (let i = 0; i < (sealed ? 0 : index.header.flows); i++) {
      index.readRecord(i, record);
      add(flowGroupKey(record, 0, seed));
      if ((record[W_KIND] & HAS_ADDRESSES) === 0) continue;
      add(hostGroupKey(record, W_SRC, seed));
      add(hostGroupKey(record, W_DST, seed));
    }
    writeTouched(fd, file, touched);
    // the slot makes the bits count: never before they are safe
    fsyncSync(fd);
    const slot = renderSlot({ ...index.header, number, sealed });
    writeSync(fd, slot, 0, slot.length, slotOffset(number));
  } finally {
    closeSync(fd);
  }
}

/** A page to add to. What is damaged knows nothing: a page of ones sends queries to the segments themselves. */
function takePage(file: Uint8Array<ArrayBuffer>, page: number): Uint32Array {
  const at = pageOffset(page);
  const bytes = file.subarray(at, at + GROUP_PAGE_BYTES);
  if (!isPageWhole(bytes)) bytes.fill(0xff);
  return new Uint32Array(file.buffer, at, GROUP_PAGE_BYTES / 4);
}

/** Neighbouring pages go in one write. */
function writeTouched(fd: number, file: Uint8Array, touched: readonly Uint32Array[]): void {
  for (let page = 0; page < GROUP_PAGES; ) {
    const first = page;
    for (; touched[page] !== undefined; page++) {
      sealPage(file.subarray(pageOffset(page), pageOffset(page + 1)));
    }
    if (page > first) writeAll(fd, file, pageOffset(first), pageOffset(page));
    else page++;
  }
}

function writeAll(fd: number, file: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) at += writeSync(fd, file, at, to - at, at);
}

function takeLock(lock: string): boolean {
  const until = Date.now() + LONGEST_WAIT_MS;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      closeSync(openSync(lock, 'wx', FILE_MODE));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > STALE_LOCK_MS) rmSync(lock, { force: true });
    else if (Date.now() > until) return false;
    else Atomics.wait(clock, 0, 0, 2);
  }
}
