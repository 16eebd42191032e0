// The keeper of files: the list of bad ones as it changes, notes of what was kept, the quota.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseSensorConfig } from '../../../src/config/parse.ts';
import { FileKeeper } from '../../../src/ids/files/file-keeper.ts';
import { saveRuleset } from '../../../src/ids/rulesets/ruleset-store.ts';
import type { Service } from '../../../src/os/run-service.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { listNoted } from '../../../src/store/files/file-folder.ts';

const digest = (digit: string): string => digit.repeat(64);
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-keeper-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** With as much of a service as it asks for. */
function keeperOf(files: object) {
  const at = pathsUnder(root);
  const warnings: string[] = [];
  const service = { counters: {} as Record<string, number>, detail: {}, warn: (text: string) => warnings.push(text) };
  mkdirSync(at.filesDir, { recursive: true });
  mkdirSync(dirname(at.badFilesList), { recursive: true });
  const keeper = new FileKeeper(service as unknown as Service, at, parseSensorConfig({ files }));
  return { keeper, service, warnings, at };
}

test('lists of bad files are read when they change, what is no digest is told with its line; the feeds come with the rules', () => {
  const { keeper, warnings, at } = keeperOf({});
  expect(keeper.badFiles().size).toBe(0);
  writeFileSync(at.badFilesList, `${digest('a')}\n`);
  expect([...keeper.badFiles()]).toEqual([digest('a')]);
  writeFileSync(at.badFilesList, `${digest('a')}\n${digest('b')}\nwhat is this\n`);
  expect([...keeper.badFiles()]).toEqual([digest('a'), digest('b')]);
  keeper.badFiles();
  expect(warnings).toEqual([expect.stringContaining('1 lines hold no MD5, SHA-1 or SHA-256: line 3 ("what is this")')]);
  writeFileSync(at.badFilesList, 'no list at all\n');
  expect(keeper.badFiles().size).toBe(2);
  const about = { createdMs: 0, checkedMs: 0, sources: [], rules: 0, off: 0, broken: [] };
  saveRuleset(at, '', about, [], new Map([['known-bad-files.lst', `${digest('c').slice(0, 32)}\n`]]));
  expect([...keeper.badFiles()]).toEqual([digest('a'), digest('b'), digest('c').slice(0, 32)]);
  rmSync(at.badFilesList);
  expect([...keeper.badFiles()]).toEqual([digest('c').slice(0, 32)]);
});

test('what the engine kept gets its note; over the quota the oldest goes, and is counted', () => {
  const { keeper, service, warnings, at } = keeperOf({ quotaBytes: 2 ** 20 });
  for (const digit of ['a', 'b']) writeFileSync(join(at.filesDir, digit + digit, digest(digit)), Buffer.alloc(700_000));
  const fileinfo = { filename: '/a', sha256: digest('a'), stored: true };
  const eve = { timestamp: '2026-06-01T12:00:00.000000+0000', event_type: 'fileinfo', fileinfo };
  keeper.offer({ type: 'protocol', timeUs: 7, eve });
  expect(listNoted(at.filesDir, 9).find(({ sha256 }) => sha256 === digest('a'))?.note).toEqual({
    timeUs: 7,
    name: '/a',
  });
  keeper.prune(1e12);
  expect(service.counters).toEqual({ keptFiles: 1, deletedFiles: 1, deletedFileBytes: 700_000 });
  expect(service.detail).toMatchObject({ files: { files: 1, bytes: 700_000, quotaBytes: 2 ** 20 } });
  expect(warnings).toEqual([]);
});

test('switched off, no folder is made for the engine', () => {
  const { at } = keeperOf({ extract: 'off' });
  expect(listNoted(at.filesDir, 9)).toEqual([]);
  expect(() => writeFileSync(join(at.filesDir, 'aa', 'x'), '')).toThrow('ENOENT');
});
