// The release's table of contents: every file with its SHA-256, so that a box can tell a whole release from a torn one.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const MANIFEST_NAME = 'manifest.json';

export interface Manifest {
  version: string;
  /** version of bin/node */
  node: string;
  /** path relative to the release's folder -> SHA-256, hexadecimal */
  files: Record<string, string>;
}

/** Reads every file of a release's folder, except the manifest itself. Paths are in byte order. */
export function planManifest(releaseDir: string, version: string, node: string): Manifest {
  const paths = readdirSync(releaseDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(releaseDir, join(entry.parentPath, entry.name)))
    .filter((path) => path !== MANIFEST_NAME)
    .sort();
  const digest = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(releaseDir, path)))
      .digest('hex');
  return { version, node, files: Object.fromEntries(paths.map((path) => [path, digest(path)])) };
}

export function renderManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}
