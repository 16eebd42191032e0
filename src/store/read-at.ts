// Where the readers of segments and indexes get bytes from: a file as it is, or one that is encrypted.
import { readSync } from 'node:fs';

/** Reads up to `target.length` bytes from `position`; returns how many there were. */
export type ReadAt = (target: Uint8Array, position: number) => number;

/** A file as it is. */
export function readFrom(fd: number): ReadAt {
  return (target, position) => readSync(fd, target, 0, target.length, position);
}
