// Where packets go now: the storage that control found, or the system disk while there is none. Pure.
import type { Storage } from '../api/storage.ts';

export interface StorageFacts {
  /** of /run/mss/storage.json; undefined: control has not found any yet */
  storage: Storage | undefined;
  /** whether storage.mountPoint is a mount now: without one, writing there would fill the system disk */
  mounted: boolean;
  /** since the service began to wait for control */
  waitedMs: number;
  fallbackDir: string;
}

export interface ChosenStore {
  /** undefined: not yet known, the rings hold the packets */
  dir: string | undefined;
  label: string;
  /** what must be a mount whenever something is created there */
  mountPoint?: string;
  /** why this is not where packets should go, with what to do */
  degraded?: string;
}

/** Control needs some seconds at boot to find and mount storage; the rings hold that long on any usual network. */
const WAIT_FOR_CONTROL_MS = 10_000;

export function chooseStore(facts: StorageFacts): ChosenStore {
  const { storage, mounted, waitedMs, fallbackDir } = facts;
  const fallback = { dir: fallbackDir, label: `the system disk (${fallbackDir})` };
  if (storage === undefined) {
    if (waitedMs < WAIT_FOR_CONTROL_MS) return { dir: undefined, label: 'waiting for storage' };
    return { ...fallback, degraded: 'no storage was found for the packet log yet: it is on the system disk' };
  }
  if (storage.mountPoint !== undefined && !mounted) {
    return {
      ...fallback,
      degraded: `${storage.label} is gone (nothing is mounted on ${storage.mountPoint}): the packet log is on the system disk`,
    };
  }
  return { dir: storage.dir, label: storage.label, mountPoint: storage.mountPoint };
}
