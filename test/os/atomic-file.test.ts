import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/os/atomic-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-atomic-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('replaces a file with the mode asked for and leaves nothing beside it', () => {
  const file = join(dir, 'a.json');
  writeFileSync(file, 'old');
  writeFileAtomic(file, 'new', { mode: 0o604 });
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(lstatSync(file).mode & 0o777).toBe(0o604);
  expect(readdirSync(dir)).toEqual(['a.json']);
});

it("follows no link that a folder's owner laid out, neither of the file nor of the one beside it", () => {
  const victim = join(dir, 'victim');
  writeFileSync(victim, 'untouched');
  const file = join(dir, 'status.json');
  symlinkSync(victim, file);
  symlinkSync(victim, `${file}.${process.pid}.new`);
  writeFileAtomic(file, 'status');
  expect(readFileSync(victim, 'utf8')).toBe('untouched');
  expect(lstatSync(file).isFile()).toBe(true);
});

it('says which file cannot be written, and leaves no half of it', () => {
  const folder = join(dir, 'folder');
  expect(() => writeFileAtomic(join(folder, 'x'), 'y')).toThrow(`cannot write ${folder}/x`);
  expect(readdirSync(dir)).toEqual([]);
});
