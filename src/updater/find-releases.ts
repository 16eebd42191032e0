// Releases on disk: the one that runs, and those that lie in a folder named as release source. Reads, never changes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import { compareVersions, isVersion } from './release-version.ts';

// a manifest lists some hundred files; a folder of releases holds a few
const MAX_MANIFEST_BYTES = 4 << 20;
const MAX_RELEASES = 200;

/**
 * Version of the release in `dir`, from its manifest.json.
 * @returns undefined when there is no manifest
 * @throws MssError 'input' for a manifest that cannot be read or names no version
 */
export function readReleaseVersion(dir: string): string | undefined {
  const file = join(dir, 'manifest.json');
  try {
    const { size } = statSync(file);
    if (size > MAX_MANIFEST_BYTES) throw new Error(`${size} bytes are no manifest`);
    const version: unknown = (JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }).version;
    if (typeof version !== 'string' || !isVersion(version))
      throw new Error('"version" is missing or no version number');
    return version;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new MssError('input', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The newest release that lies in `folder`, as `<folder>/<name>/manifest.json` or in the folder itself.
 * @returns undefined for a folder without releases
 * @throws MssError 'io' when the folder cannot be listed, 'input' for a broken manifest
 */
export function findNewestRelease(folder: string): { version: string; dir: string } | undefined {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name);
  } catch (cause) {
    throw new MssError('io', `cannot look into release.source ${folder}: ${messageOf(cause)}`, { cause });
  }
  if (names.length > MAX_RELEASES) {
    throw new MssError(
      'io',
      `release.source ${folder} holds ${names.length} folders; name one that holds releases only`,
    );
  }
  let newest: { version: string; dir: string } | undefined;
  for (const dir of [folder, ...names.map((name) => join(folder, name))]) {
    const version = readReleaseVersion(dir);
    if (version === undefined) continue;
    if (newest === undefined || compareVersions(version, newest.version) > 0) newest = { version, dir };
  }
  return newest;
}
