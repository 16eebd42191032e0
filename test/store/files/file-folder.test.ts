import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepNote, listNoted, openFile, prepareFileFolder, pruneFiles } from '../../../src/store/files/file-folder.ts';
import { noteOf, parseNote } from '../../../src/store/files/file-note.ts';

const digest = (digit: string): string => digit.repeat(64);
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-files-'));
  chmodSync(dir, 0o2770);
  prepareFileFolder(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As the engine leaves it; `second` is when it was seen last. */
function keep(digit: string, bytes: number, second: number): string {
  const path = join(dir, digit.repeat(2), digest(digit));
  writeFileSync(path, 'x'.repeat(bytes));
  utimesSync(path, second, second);
  return path;
}

test('the newest first, each with what is known of it; what is no kept file is passed over', () => {
  keep('a', 3, 100);
  keep('b', 5, 200);
  keepNote(dir, digest('a'), { timeUs: 7, name: 'a.exe', cut: true });
  writeFileSync(join(dir, 'aa', 'notes.txt'), 'x');
  mkdirSync(join(dir, 'cc', digest('c')));
  expect(listNoted(dir, 10)).toEqual([
    { sha256: digest('b'), bytes: 5, seenMs: 200_000, note: undefined },
    { sha256: digest('a'), bytes: 3, seenMs: 100_000, note: { timeUs: 7, name: 'a.exe', cut: true } },
  ]);
  expect(listNoted(dir, 1)).toHaveLength(1);
  expect(listNoted(join(dir, 'nowhere'), 1)).toEqual([]);
});

test('over the quota the one seen longest ago goes, and its note with it', () => {
  const oldest = keep('a', 400, 100);
  keep('b', 400, 200);
  keep('c', 400, 300);
  keepNote(dir, digest('a'), { timeUs: 1 });
  keepNote(dir, digest('c'), { timeUs: 3 });
  const kept = { keptFiles: 2, keptBytes: 800 };
  expect(pruneFiles(dir, 1000, 1e6)).toEqual({ ...kept, deletedFiles: 1, deletedBytes: 400 });
  expect([existsSync(oldest), existsSync(`${oldest}.json`)]).toEqual([false, false]);
  expect(listNoted(dir, 10).map(({ note }) => note)).toEqual([{ timeUs: 3 }, undefined]);
  expect(pruneFiles(dir, 1000, 1e6)).toEqual({ ...kept, deletedFiles: 0, deletedBytes: 0 });
  keep('d', 1001, 400);
  expect(pruneFiles(dir, 1000, 1e6)).toEqual({ ...kept, deletedFiles: 1, deletedBytes: 1001 });
});

test('a note whose file the engine never finished goes; an unfinished file does after an hour', () => {
  keepNote(dir, digest('d'), { timeUs: 1 });
  const unfinished = join(dir, 'tmp', 'file.1');
  writeFileSync(unfinished, 'x');
  utimesSync(unfinished, 1000, 1000);
  pruneFiles(dir, 1000, 1000_000 + 3600_000);
  expect([existsSync(join(dir, 'dd', `${digest('d')}.json`)), existsSync(unfinished)]).toEqual([false, true]);
  pruneFiles(dir, 1000, 1000_000 + 3600_001);
  expect(existsSync(unfinished)).toBe(false);
});

test('only a digest opens a file', () => {
  keep('a', 3, 100);
  const { fd, bytes } = openFile(dir, digest('a'));
  closeSync(fd);
  expect(bytes).toBe(3);
  for (const name of ['../../etc/passwd', `${digest('a')}.json`, digest('A'), '']) {
    expect(() => openFile(dir, name)).toThrow('is no SHA-256');
  }
  expect(() => openFile(dir, digest('b'))).toThrow('there is no file');
});

test("the subfolders are writable for the folder's group, which the engine and ids share", () => {
  expect(['00', 'ff', 'tmp'].map((name) => (statSync(join(dir, name)).mode & 0o7777).toString(8))).toEqual(
    Array(3).fill('2770'),
  );
});

test('a note is made of what the engine kept, and of nothing else', () => {
  const eve = {
    timestamp: '2026-06-01T12:00:00.000000+0000',
    event_type: 'fileinfo',
    app_proto: 'http',
    src_ip: '9.9.9.9',
    dest_ip: '10.0.0.5',
    community_id: '1:x',
    fileinfo: { filename: '/a.exe', magic: 'PE32', state: 'TRUNCATED', stored: true, sha256: digest('a') },
  };
  const note = { name: '/a.exe', kind: 'PE32', app: 'http', from: '9.9.9.9', to: '10.0.0.5', communityId: '1:x' };
  expect(noteOf(eve, 5)).toEqual({ digest: digest('a'), note: { timeUs: 5, ...note, cut: true } });
  expect(noteOf({ ...eve, fileinfo: { ...eve.fileinfo, stored: false } }, 5)).toBeUndefined();
  expect(noteOf({ ...eve, fileinfo: { ...eve.fileinfo, sha256: '../../x' } }, 5)).toBeUndefined();
  expect(noteOf({ ...eve, event_type: 'http' }, 5)).toBeUndefined();
  keepNote(dir, digest('a'), noteOf(eve, 5)!.note);
  expect(parseNote(readFileSync(join(dir, 'aa', `${digest('a')}.json`), 'utf8'))).toEqual(noteOf(eve, 5)!.note);
  expect([parseNote('{'), parseNote('[]')]).toEqual([undefined, undefined]);
});
