// mss files as a person runs it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathsUnder } from '../../src/paths.ts';
import { keepNote, prepareFileFolder } from '../../src/store/files/file-folder.ts';

const SHA256 = 'ab'.repeat(32);
const root = mkdtempSync(join(tmpdir(), 'mss-files-'));
const { filesDir, badFilesList } = pathsUnder(root);
beforeAll(() => {
  mkdirSync(filesDir, { recursive: true });
  prepareFileFolder(filesDir);
  writeFileSync(join(filesDir, 'ab', SHA256), 'MZ');
  keepNote(filesDir, SHA256, { timeUs: 1, name: 'a\u001b[2J.exe', from: '9.9.9.9' });
});
afterAll(() => rmSync(root, { recursive: true }));

function mss(...args: string[]) {
  const env = { PATH: process.env.PATH, MSS_ROOT: root };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['services/console/mss.ts', 'files', ...args], {
    env,
  });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

test('the list, for a person and for a program; a name from the network moves no cursor', () => {
  expect(mss().stdout).toContain(SHA256);
  expect(mss().stdout).not.toContain('\u001b');
  expect(JSON.parse(mss('list', '--json').stdout)).toMatchObject({ type: 'file', sha256: SHA256, bytes: 2 });
  expect(mss('list', '--limit', 'x').status).toBe(2);
});

test('a list that names one today marks what was kept before', () => {
  expect(JSON.parse(mss('list', '--json').stdout).bad).toBe(false);
  mkdirSync(dirname(badFilesList), { recursive: true });
  writeFileSync(badFilesList, `${SHA256}\n`);
  expect(JSON.parse(mss('list', '--json').stdout).bad).toBe(true);
  expect(mss().stdout).toContain('KNOWN BAD');
});

test('one of them is written for its owner only, and never over another file', () => {
  const into = join(root, 'out.bin');
  expect(mss('get', SHA256, '-w', into).status).toBe(0);
  expect([readFileSync(into, 'utf8'), statSync(into).mode & 0o777]).toEqual(['MZ', 0o600]);
  expect(mss('get', SHA256, '-w', into)).toMatchObject({ status: 1, stderr: expect.stringContaining('EEXIST') });
});

test('what is not there leaves no file behind', () => {
  const into = join(root, 'none.bin');
  expect(mss('get', 'cd'.repeat(32), '-w', into)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('there is no file'),
  });
  expect(mss('get', '../x', '-w', into).status).toBe(2);
  expect(existsSync(into)).toBe(false);
});
