// A whole file at once: written beside, synced, renamed over. There is no half of it, even after a power cut.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** Throws what node:fs throws, and leaves nothing behind then. */
export function writeWholeFile(path: string, bytes: Uint8Array, mode: number): void {
  const beside = `${path}.new`;
  const fd = openSync(beside, 'w', mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(beside, path);
}
