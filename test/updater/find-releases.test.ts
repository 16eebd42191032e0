import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findNewestRelease, readReleaseVersion } from '../../src/updater/find-releases.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mss-releases-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, manifest: string) => {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'manifest.json'), manifest);
};

test('the newest by version, not by name; folders without a manifest are no releases', () => {
  put('a', '{"version": "2.0.9"}');
  put('b', '{"version": "2.0.10"}');
  mkdirSync(join(folder, 'z'));
  expect(findNewestRelease(folder)).toEqual({ version: '2.0.10', dir: join(folder, 'b') });
  put('.', '{"version": "3.0.0"}');
  expect(findNewestRelease(folder)?.version).toBe('3.0.0');
});

test('nothing there, no folder, and a broken manifest are told apart', () => {
  expect(findNewestRelease(folder)).toBeUndefined();
  expect(readReleaseVersion(join(folder, 'absent'))).toBeUndefined();
  expect(() => findNewestRelease(join(folder, 'absent'))).toThrow(/cannot look into release\.source .*absent/);
  put('a', '{"version": "../../etc"}');
  expect(() => findNewestRelease(folder)).toThrow(/manifest\.json: "version" is missing or no version number/);
  put('a', '{');
  expect(() => findNewestRelease(folder)).toThrow(/cannot read .*manifest\.json/);
});
