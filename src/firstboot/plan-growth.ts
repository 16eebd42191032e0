// Whether the system partition should grow into a disk that was made larger than the image. Pure; sectors of 512 bytes.

export interface RootPartition {
  /** /dev/sda */
  disk: string;
  /** /dev/sda3 */
  partition: string;
  number: number;
  startSector: number;
  sectors: number;
  diskSectors: number;
  /** the last sector that any partition of the disk uses */
  lastUsedSector: number;
}

/** Below this, growing gains nothing; a GPT keeps 33 sectors at the end anyway. */
const WORTH_SECTORS = (64 * 2 ** 20) / 512;

/** True when the partition is the disk's last and there is room behind it. */
export function shouldGrow(root: RootPartition): boolean {
  const lastSector = root.startSector + root.sectors - 1;
  return lastSector === root.lastUsedSector && root.diskSectors - 1 - lastSector > WORTH_SECTORS;
}
