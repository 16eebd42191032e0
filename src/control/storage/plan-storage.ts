// Where the packet log could go, best first. Pure: facts in, candidates out; trying them is find-storage's.
import { MssError } from '../../errors.ts';
import { type BlockDevice, isInUse, isRealDisk, withChildren } from './disks.ts';

export const PACKET_LABEL = 'MSS-PACKETS';
/** Smaller disks are somebody's configuration drive, not a packet log. */
const MIN_DISK_BYTES = 1e9;
/** The system keeps at least this much free, or a fifth of its disk, whichever is more. */
const SYSTEM_KEEPS_BYTES = 4 * 2 ** 30;
const SYSTEM_KEEPS_SHARE = 0.2;

export interface StorageSources {
  /** our own image: there, and only there, an empty second disk is ours to format */
  appliance: boolean;
  virtual: boolean;
  hgfsShares: string[];
  virtiofsTags: string[];
  ninePTags: string[];
  disks: BlockDevice[];
  /** paths of disks on which neither blkid nor wipefs finds anything and whose first megabyte is zero */
  blank: string[];
  system: { totalBytes: number; freeBytes: number; packetBytes: number };
}

export type StorageCandidate =
  | { kind: 'vmhgfs'; share: string }
  | { kind: 'virtiofs' | '9p'; tag: string }
  | { kind: 'disk'; device: string; sizeBytes: number; format: 'no' | 'blank' | 'typed' }
  | { kind: 'system'; totalBytes: number };

export interface StoragePlan {
  /** in order of preference; the last is always the system disk */
  candidates: StorageCandidate[];
  /** what was passed over, and why: for the person who wonders */
  notes: string[];
}

/** Shares are offered by name; one that sounds like ours comes first. */
const byName = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => Number(soundsOurs(b)) - Number(soundsOurs(a)) || a.localeCompare(b));
const soundsOurs = (name: string): boolean => /packet|nsm|mss|metaflows/i.test(name);

/**
 * @param typed a device that a person typed in full, to be formatted whatever is on it
 * @throws MssError 'usage' when that device is none, or in use
 */
export function planStorage(sources: StorageSources, typed?: string): StoragePlan {
  const notes: string[] = [];
  const candidates: StorageCandidate[] = [];
  if (typed !== undefined) candidates.push(planTyped(sources, typed));
  candidates.push(
    ...byName(sources.hgfsShares).map((share) => ({ kind: 'vmhgfs' as const, share })),
    ...byName(sources.virtiofsTags).map((tag) => ({ kind: 'virtiofs' as const, tag })),
    ...byName(sources.ninePTags).map((tag) => ({ kind: '9p' as const, tag })),
    ...planDisks(sources, notes),
    planSystem(sources),
  );
  return { candidates, notes };
}

function planTyped({ disks }: StorageSources, typed: string): StorageCandidate {
  const whole = disks.find((disk) => [...withChildren(disk)].some(({ path }) => path === typed));
  const device = whole && [...withChildren(whole)].find(({ path }) => path === typed);
  if (device === undefined || whole === undefined) {
    const known = disks.filter(isRealDisk).map(({ path }) => path);
    throw new MssError('usage', `there is no ${typed}; disks are ${known.join(', ') || '(none)'}`);
  }
  if (!isRealDisk(whole)) throw new MssError('usage', `${typed} is no disk that could hold packets`);
  if (isInUse(device)) throw new MssError('usage', `${typed} is in use; it is not formatted`);
  return { kind: 'disk', device: typed, sizeBytes: device.sizeBytes, format: 'typed' };
}

function planDisks(sources: StorageSources, notes: string[]): StorageCandidate[] {
  const all = sources.disks.filter(isRealDisk);
  const ours = all
    .flatMap((disk) => [...withChildren(disk)])
    .filter(({ label, fsType }) => label === PACKET_LABEL && fsType === 'ext4')
    .map(({ path, sizeBytes }) => ({ kind: 'disk' as const, device: path, sizeBytes, format: 'no' as const }));
  if (ours.length > 0) return ours;
  const others = all.filter((disk) => !isInUse(disk) && disk.sizeBytes >= MIN_DISK_BYTES);
  const isTheOvfs = sources.appliance && sources.virtual && others.length === 1 && all.length === 2;
  return others.flatMap((disk) => {
    if (disk.children.length > 0 || !sources.blank.includes(disk.path)) {
      notes.push(`${disk.path} is not empty and is left alone`);
      return [];
    }
    if (!isTheOvfs) {
      notes.push(`${disk.path} is empty but not known to be the sensor's: name it to have it formatted`);
      return [];
    }
    return { kind: 'disk' as const, device: disk.path, sizeBytes: disk.sizeBytes, format: 'blank' as const };
  });
}

function planSystem({ system }: StorageSources): StorageCandidate {
  const keeps = Math.max(SYSTEM_KEEPS_BYTES, system.totalBytes * SYSTEM_KEEPS_SHARE);
  return {
    kind: 'system',
    totalBytes: Math.max(0, Math.floor(system.freeBytes + system.packetBytes - keeps)),
  };
}
