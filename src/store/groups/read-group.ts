// Asks a group file which of its segments may hold what a query is after. Reads two pages, however large the store is.
import { closeSync, openSync, readSync } from 'node:fs';
import type { PacketAccess } from '../../query/plan-packets.ts';
import { groupPath } from '../segment-names.ts';
import {
  flowGroupKey,
  GROUP_HEADER_BYTES,
  GROUP_PAGE_BYTES,
  GROUP_SEGMENTS,
  type GroupKey,
  type GroupSlot,
  hasSealed,
  hostGroupKey,
  isPageWhole,
  pageOffset,
  readGroupSeed,
  readSlot,
  testPage,
} from './group-format.ts';

export interface GroupAnswer {
  /** what is known of a segment; undefined: it must be looked at itself */
  slot(segment: number): GroupSlot | undefined;
  /** false: the segment surely holds nothing that the query is after */
  mayHold(segment: number): boolean;
  /** false: so it is with all of them */
  mayHoldAny: boolean;
}

/** The answer of one group; undefined where it has no file, or a damaged one: its segments then speak for themselves. */
export function askGroup(dir: string, group: number, access: PacketAccess): GroupAnswer | undefined {
  let fd: number;
  try {
    fd = openSync(groupPath(dir, group), 'r');
  } catch {
    return undefined;
  }
  try {
    const header = new Uint8Array(GROUP_HEADER_BYTES);
    if (readSync(fd, header, 0, header.length, 0) !== header.length) return undefined;
    const seed = readGroupSeed(header);
    if (seed === undefined) return undefined;
    const [low, high] = findColumns(fd, accessKeys(access, seed));
    return {
      mayHoldAny: (low | high) !== 0 || hasSealed(header),
      slot: (segment) => readSlot(header, segment),
      mayHold: (segment) => {
        const column = segment % GROUP_SEGMENTS;
        return (((column < 32 ? low : high) >>> (column & 31)) & 1) === 1 || readSlot(header, segment)?.sealed === true;
      },
    };
  } catch {
    return undefined; // a read error here must not hide packets
  } finally {
    closeSync(fd);
  }
}

/** Undefined: every segment may hold what is asked for. */
function accessKeys(access: PacketAccess, seed: number): GroupKey[] | undefined {
  if (access.by === 'flow') return access.keys.map((key) => flowGroupKey(key, 0, seed));
  if (access.by === 'host') return access.addresses.map((address) => hostGroupKey(address, 0, seed));
  return undefined;
}

function findColumns(fd: number, keys: GroupKey[] | undefined): [low: number, high: number] {
  if (keys === undefined) return [-1, -1];
  let [low, high] = [0, 0];
  const page = new Uint8Array(GROUP_PAGE_BYTES);
  for (const key of keys) {
    page.fill(0);
    // behind the file's end nothing was ever written: then no segment holds the key
    readSync(fd, page, 0, page.length, pageOffset(key.page));
    if (!isPageWhole(page)) return [-1, -1];
    const found = testPage(new Uint32Array(page.buffer), key);
    low |= found[0];
    high |= found[1];
  }
  return [low, high];
}
