// What was fetched by URL and is kept under ids' state, so that a server that fails leaves the last good copy in use.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { fetchBytes } from '../../os/fetch.ts';
import type { Paths } from '../../paths.ts';
import { makeDir, rulesDir, writeForEngine } from './ruleset-store.ts';

const fetchedDir = (at: Paths): string => join(rulesDir(at), 'fetched');
const fileOf = (at: Paths, url: string): string =>
  join(fetchedDir(at), createHash('sha256').update(url).digest('hex').slice(0, 16));
const askedFileOf = (at: Paths, url: string): string => `${fileOf(at, url)}.asked`;

/** When the content of the URL last changed, in milliseconds; undefined: never fetched. */
export const findChangedMs = (at: Paths, url: string): number | undefined => mtimeMs(fileOf(at, url));

/** When the server last answered, in milliseconds; undefined: never. */
export const findAnsweredMs = (at: Paths, url: string): number | undefined =>
  mtimeMs(askedFileOf(at, url)) ?? findChangedMs(at, url);

const mtimeMs = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

/** The last good copy. */
export function readCopy(at: Paths, url: string): Uint8Array | undefined {
  const file = fileOf(at, url);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/**
 * Asks the URL, with the ETag of the copy.
 * @param check throws for what must not replace the copy
 * @returns whether the server answered with something that is of use; why not goes to `warn`
 */
export async function fetchCopy(
  at: Paths,
  url: string,
  proxy: string,
  check: (bytes: Uint8Array) => void | Promise<void>,
  warn: (text: string) => void,
): Promise<boolean> {
  makeDir(fetchedDir(at));
  const file = fileOf(at, url);
  const tagFile = `${file}.etag`;
  try {
    const known = existsSync(file) && existsSync(tagFile) ? readFileSync(tagFile, 'utf8') : undefined;
    const { bytes, etag } = await fetchBytes(url, { etag: known, proxy });
    if (bytes !== undefined) {
      await check(bytes);
      writeForEngine(file, bytes);
      if (etag === undefined) rmSync(tagFile, { force: true });
      else writeForEngine(tagFile, etag);
    }
    const nowSeconds = Date.now() / 1000;
    if (!existsSync(askedFileOf(at, url))) writeForEngine(askedFileOf(at, url), '');
    utimesSync(askedFileOf(at, url), nowSeconds, nowSeconds);
    return true;
  } catch (error) {
    warn(`${messageOf(error)}${existsSync(file) ? '; the last good copy stays in use' : ''}`);
    return false;
  }
}
