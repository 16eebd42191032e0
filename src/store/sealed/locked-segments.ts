// Encrypted segments that a query comes upon without their key: it must say so, and never seem to find nothing.
import { closeSync, openSync, statSync } from 'node:fs';
import { MssError } from '../../errors.ts';
import type { ChosenSegment, SegmentTimes } from '../choose-segments.ts';
import type { SegmentName } from '../segment-names.ts';
import { explainLocked, readSealedHeader } from './open-plain.ts';
import type { PacketKey } from './packet-keys.ts';
import { isFor, type SealedHeader } from './sealed-header.ts';

/**
 * @param chosen segments that may hold what is asked for.
 * @throws MssError `locked` where one of them is encrypted for other keys.
 */
export function refuseLocked(chosen: readonly ChosenSegment[], keys: readonly PacketKey[]): void {
  const locked: SealedHeader[] = [];
  for (const { segment, sealed } of chosen) {
    const header = sealed ? findHeader(segment) : undefined;
    if (header !== undefined && !isFor(header, keys)) locked.push(header);
  }
  if (locked.length === 0) return;
  const what = `${locked.length} of ${chosen.length} segments of this time are`;
  throw new MssError('locked', explainLocked(what, locked, keys));
}

/** When its packets came, as far as its file tells: the disk's clock is no secret. */
export function timesOfLocked({ path, open }: SegmentName): SegmentTimes | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  if (stat === undefined) return undefined;
  // a copy on another disk was born later than it was written
  const firstNs = stat.birthtimeNs <= stat.mtimeNs ? stat.birthtimeNs : 0n;
  return { packets: 1, firstNs, lastNs: open ? undefined : stat.mtimeNs, sealed: true };
}

/** Undefined where it is not encrypted; or gone, or damaged: whoever opens it next says so. */
function findHeader({ path }: SegmentName): SealedHeader | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      return readSealedHeader(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
