// Rotated EVE files on disk: every line once and in order, across restarts, and bounded when nobody keeps up.
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EveFollower, type EvePlace } from '../../src/ids/eve-follower.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-eve-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const START: EvePlace = { file: '', offset: 0 };
const write = (second: number, text: string) => appendFileSync(join(dir, `eve-${second}.json`), text);
function drain(follower: EveFollower): string[] {
  const lines: string[] = [];
  for (;;) {
    const batch = follower.read();
    lines.push(...batch.lines);
    if (!batch.more) return lines;
  }
}

test('lines come in order of the files, a torn one when it is whole', () => {
  const follower = new EveFollower(dir, START);
  expect(drain(follower)).toEqual([]);
  write(999, 'a\nb');
  expect(drain(follower)).toEqual(['a']);
  write(999, 'b\n');
  write(1000, 'c\n');
  expect(drain(follower)).toEqual(['bb', 'c']);
  write(1060, 'd\n');
  expect(drain(follower)).toEqual(['d']);
});

test('from any place it stood at, another one goes on without loss or repetition', () => {
  const all = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  for (const [i, line] of all.entries()) write(1000 + Math.floor(i / 10) * 60, `${line}\n`);
  let place = START;
  const seen: string[] = [];
  for (let restarts = 0; restarts < 20; restarts++) {
    const batch = new EveFollower(dir, place).read();
    seen.push(...batch.lines);
    place = batch.next;
  }
  expect(seen).toEqual(all);
});

test('a bookmark inside a file goes on behind it, and whose file is gone goes on with the next', () => {
  write(1000, 'a\nb\n');
  write(1060, 'c\n');
  expect(drain(new EveFollower(dir, { file: 'eve-1000.json', offset: 2 }))).toEqual(['b', 'c']);
  expect(drain(new EveFollower(dir, { file: 'eve-900.json', offset: 500 }))).toEqual(['a', 'b', 'c']);
});

test('files behind the kept place are deleted, foreign ones never', () => {
  write(1000, 'a\n');
  write(1060, 'b\n');
  writeFileSync(join(dir, 'eve-note.txt'), 'x');
  const follower = new EveFollower(dir, START);
  follower.prune();
  expect(readdirSync(dir)).toHaveLength(3);
  drain(follower);
  follower.prune();
  expect(readdirSync(dir).sort()).toEqual(['eve-1060.json', 'eve-note.txt']);
});

test('beyond the bound the oldest unread go, never the newest, and the bytes are counted', () => {
  for (let i = 0; i < 5; i++) write(1000 + i, `${'x'.repeat(99)}\n`);
  const follower = new EveFollower(dir, START, 250);
  follower.prune();
  expect(readdirSync(dir).sort()).toEqual(['eve-1003.json', 'eve-1004.json']);
  expect(follower.lostBytes).toBe(300);
  expect(drain(follower)).toHaveLength(2);
});

test('an engine that starts after the clock was set back is followed, and nothing of it is deleted unread', () => {
  write(2000, 'a\n');
  const follower = new EveFollower(dir, START);
  expect(drain(follower)).toEqual(['a']);
  write(1000, 'b\n');
  expect(drain(follower)).toEqual(['b']);
  follower.prune();
  expect(readdirSync(dir)).toEqual(['eve-1000.json']);
  write(1060, 'c\n');
  write(2000, 'd\n');
  expect(drain(follower)).toEqual(['c', 'd']);
});

test('what a kill between bookmark and deletion left is not read again', () => {
  write(1000, 'a\n');
  write(1060, 'b\n');
  const follower = new EveFollower(dir, { file: 'eve-1060.json', offset: 0 });
  expect(drain(follower)).toEqual(['b']);
  follower.prune();
  expect(readdirSync(dir)).toEqual(['eve-1060.json']);
});
