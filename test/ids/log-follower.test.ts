import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFollower, readLogsBefore } from '../../src/ids/log-follower.ts';
import { START } from '../../src/spool/bookmark.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { loginLog, NOON_US } from '../detect/log-records.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-logs-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(count: number, maxBytes = 1 << 20): void {
  const writer = new SpoolWriter(dir, { segmentBytes: 2000, maxBytes });
  for (let i = 0; i < count; i++) {
    writer.append({ type: 'log', timeUs: NOON_US + i, log: loginLog('failure', '203.0.113.9', {}, NOON_US + i) });
    writer.flush();
  }
  writer.close();
}

function readAll(follower: LogFollower): number[] {
  const numbers: number[] = [];
  for (let batch = follower.read(); batch.more; batch = follower.read())
    numbers.push(...batch.logs.map((l) => l.number));
  return numbers;
}

test('reads all there is, with numbers, and nothing where there is no stream yet', () => {
  expect(new LogFollower(dir, START).read()).toMatchObject({ logs: [], more: false });
  write(20);
  expect(readAll(new LogFollower(dir, START))).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('what was pruned unread is counted', () => {
  write(100, 6000);
  const follower = new LogFollower(dir, START);
  const numbers = readAll(follower);
  expect(numbers.at(-1)).toBe(99);
  expect(follower.lostLogs).toBe(100 - numbers.length);
  expect(follower.lostLogs).toBeGreaterThan(0);
});

test('before a bookmark: the last segments, and nothing from it on', () => {
  write(30);
  const numbers = [...readLogsBefore({ record: 25, segment: 25, offset: 0 }, dir)].flat().map(({ number }) => number);
  expect(numbers.at(-1)).toBe(24);
  expect(numbers.length).toBeGreaterThan(3);
  expect(numbers.length).toBeLessThan(25);
  expect([...readLogsBefore(START, dir)]).toEqual([]);
});
