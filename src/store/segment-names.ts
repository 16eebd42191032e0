// Names of a store's files: `seg-<number>.pcapng` with `seg-<number>.idx` beside it, `seg-<number>.open` while a segment
// is being written, and `group-<number>.flt` for 64 segments; also of encrypted ones (sealed/sealed-format.ts). Files of
// any other name are not ours: never read, never counted, never deleted.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';

const SEGMENT = /^seg-(\d{10})\.(pcapng|open)$/;
const GROUP = /^group-(\d{10})\.flt$/;
/** group-readable: portal and `mss packets` read what capture writes */
export const FILE_MODE = 0o640;

export interface SegmentName {
  /** counts up with every segment of the store */
  number: number;
  path: string;
  indexPath: string;
  /** still being written, or left behind by a writer that died */
  open: boolean;
}

/** The store's files by name alone, oldest first. A folder that is not there is an empty store. Throws `store`. */
export function listNames(dir: string): { segments: SegmentName[]; groups: number[] } {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { segments: [], groups: [] };
    throw new MssError('store', `the packet store ${dir} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const segments: SegmentName[] = [];
  const groups: number[] = [];
  // a large store has thousands of them, and each query comes by here
  for (const name of names.sort()) {
    if (SEGMENT.test(name)) {
      const path = `${dir}/${name}`;
      const indexPath = `${dir}/${name.slice(0, 14)}.idx`;
      segments.push({ number: Number(name.slice(4, 14)), path, indexPath, open: name.endsWith('.open') });
    } else if (GROUP.test(name)) groups.push(Number(name.slice(6, 16)));
  }
  return { segments, groups };
}

/** Path of one file of a segment. */
export function segmentPath(dir: string, number: number, kind: 'pcapng' | 'open' | 'idx'): string {
  return join(dir, `seg-${String(number).padStart(10, '0')}.${kind}`);
}

/** Path of the file of a group of segments (groups/group-format.ts). */
export function groupPath(dir: string, group: number): string {
  return join(dir, `group-${String(group).padStart(10, '0')}.flt`);
}

/** The same segment under the name that it has once it is complete. */
export function completed<T extends SegmentName>(segment: T): T {
  return { ...segment, path: segment.path.replace(/\.open$/, '.pcapng'), open: false };
}
