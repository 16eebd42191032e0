// Disks of this machine from `lsblk -J`. Pure. See lsblk(8).
import { MssError } from '../../errors.ts';

/** A disk, partition or anything made of them. */
export interface BlockDevice {
  path: string;
  /** disk, part, rom, loop, crypt, ... */
  type: string;
  sizeBytes: number;
  readOnly: boolean;
  removable: boolean;
  fsType?: string;
  label?: string;
  mountPoints: string[];
  children: BlockDevice[];
}

interface LsblkDevice {
  path: string;
  type: string;
  size: number | string;
  ro: boolean;
  rm: boolean;
  fstype: string | null;
  label: string | null;
  mountpoints: (string | null)[];
  children?: LsblkDevice[];
}

/** NAME makes it a tree: without it partitions stand beside their disks, which then look unused. */
export const LSBLK = ['-J', '-b', '-o', 'NAME,PATH,TYPE,SIZE,RO,RM,FSTYPE,LABEL,MOUNTPOINTS'];

/** @throws MssError 'io' for what is not lsblk's JSON */
export function parseDisks(text: string): BlockDevice[] {
  try {
    const { blockdevices } = JSON.parse(text) as { blockdevices: LsblkDevice[] };
    const toDevice = (device: LsblkDevice): BlockDevice => ({
      path: device.path,
      type: device.type,
      sizeBytes: Number(device.size),
      readOnly: device.ro,
      removable: device.rm,
      fsType: device.fstype ?? undefined,
      label: device.label ?? undefined,
      mountPoints: device.mountpoints.filter((point) => point !== null),
      children: (device.children ?? []).map(toDevice),
    });
    if (blockdevices.some(({ type }) => type === 'part')) throw new Error('partitions beside their disks');
    return blockdevices.map(toDevice);
  } catch (cause) {
    throw new MssError('io', 'lsblk said something else than its JSON', { cause });
  }
}

/** The device itself and all that lies on it. */
export function* withChildren(device: BlockDevice): Generator<BlockDevice> {
  yield device;
  for (const child of device.children) yield* withChildren(child);
}

/** Whether anything on it is mounted or used as swap. */
export const isInUse = (device: BlockDevice): boolean =>
  [...withChildren(device)].some(({ mountPoints }) => mountPoints.length > 0);

/** A disk that could hold packets: not a CD, floppy, RAM disk or loop, and not tiny. */
export const isRealDisk = (device: BlockDevice): boolean =>
  device.type === 'disk' && !device.removable && !device.readOnly && !/^\/dev\/(zram|ram|nbd|fd|sr)/.test(device.path);
