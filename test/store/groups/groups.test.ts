// Group files spare a query most segments, and whatever becomes of them no packet is missed.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CapturedPacket } from '../../../src/pcap/packet.ts';
import { parseFilter } from '../../../src/query/parse.ts';
import { emptyQueryReport, findPackets } from '../../../src/store/find-packets.ts';
import {
  addToPage,
  GROUP_PAGE_BYTES,
  GROUP_SEGMENTS,
  groupOf,
  testPage,
} from '../../../src/store/groups/group-format.ts';
import { measureStore, pruneStore } from '../../../src/store/quota.ts';
import { recoverStore } from '../../../src/store/recover-store.ts';
import { listSegments } from '../../../src/store/segment-files.ts';
import { StoreWriter } from '../../../src/store/store-writer.ts';
import { frame } from '../../pcap/frames.ts';

const SEGMENTS = 70; // more than a group has
const made = mkdtempSync(join(tmpdir(), 'mss-groups-'));
let dir: string;
beforeAll(() => {
  const writer = new StoreWriter(made, 4097); // a segment for each packet
  for (let i = 0; i < SEGMENTS; i++) writer.appendPacket(packet(i));
  writer.close();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-groups-'));
  cpSync(made, dir, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));
afterAll(() => rmSync(made, { recursive: true }));

function packet(i: number): CapturedPacket {
  const data = frame({ src: `10.0.0.${i}`, dst: '192.0.2.1', proto: 6, srcPort: 1000 + i, dstPort: 80 });
  return {
    timeNs: 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000_000n,
    linkType: 1,
    capturedLength: data.length,
    originalLength: data.length,
    data,
  };
}

async function ask(words: string) {
  const report = emptyQueryReport();
  let found = 0;
  for await (const _ of findPackets(dir, { filter: parseFilter(words) }, report)) found++;
  return { found, opened: report.opened, searched: report.searched, damage: report.damage };
}

const groupFiles = () => readdirSync(dir).filter((name) => name.startsWith('group-'));
const ONE_FLOW = 'tcp and src host 10.0.0.5 and dst host 192.0.2.1 and src port 1005 and dst port 80';

test('a query opens the segments that may hold what it is after, and no other', async () => {
  expect(groupFiles()).toHaveLength(2);
  expect(await ask(ONE_FLOW)).toEqual({ found: 1, opened: 1, searched: SEGMENTS, damage: [] });
  expect(await ask('host 10.0.0.69')).toMatchObject({ found: 1, opened: 1 });
  expect(await ask('host 192.0.2.1')).toMatchObject({ found: SEGMENTS, opened: SEGMENTS });
  expect(await ask('host 203.0.113.1')).toMatchObject({ found: 0, opened: 0, searched: SEGMENTS });
});

test('without a group, or with a damaged one, the segments are asked themselves', async () => {
  const [first] = groupFiles();
  const whole = readFileSync(join(dir, first));
  const damages: [string, Buffer][] = [
    ['cut short in the header', whole.subarray(0, 100)],
    ['its header', flip(whole, 3)],
    ['a slot', flip(whole, 64 + 5 * 64 + 3)],
    ...[...Array(8).keys()].map((i): [string, Buffer] => ['pages', flipPages(whole, 8 + i)]),
  ];
  for (const [what, bytes] of damages) {
    writeFileSync(join(dir, first), bytes);
    expect([what, (await ask(ONE_FLOW)).found]).toEqual([what, 1]);
    expect([what, (await ask('host 192.0.2.1')).found]).toEqual([what, SEGMENTS]);
  }
  rmSync(join(dir, first));
  expect(await ask(ONE_FLOW)).toMatchObject({ found: 1, damage: [] });
});

test('recovery lets segments join that no group knows, and removes what nobody needs', async () => {
  const [first] = groupFiles();
  rmSync(join(dir, first));
  writeFileSync(join(dir, 'group-0000000009.flt'), 'of segments long gone');
  writeFileSync(join(dir, 'group-0000000001.flt.lock'), '');
  expect(recoverStore(dir).strays).toBe(2);
  expect(await ask(ONE_FLOW)).toMatchObject({ found: 1, opened: 1 });
  expect(groupFiles()).toHaveLength(2);
});

test('a lock left behind by a writer that was killed holds nobody up for ever', async () => {
  const lock = join(dir, 'group-0000000001.flt.lock');
  writeFileSync(lock, '');
  utimesSync(lock, 1, 1);
  const writer = new StoreWriter(dir, 4097);
  writer.appendPacket(packet(100));
  writer.close();
  expect(existsSync(lock)).toBe(false);
  expect(await ask('host 10.0.0.100')).toMatchObject({ found: 1, opened: 1 });
});

test('groups count in the quota, and go with the last of their segments', () => {
  const newest = listSegments(dir).filter(({ number }) => groupOf(number) === 1);
  const beside = newest.reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0);
  const most = measureStore(dir, newest);
  expect(most).toBeGreaterThan(beside);
  const { segments, storedBytes } = pruneStore(dir, most);
  expect([segments, storedBytes]).toEqual([SEGMENTS - newest.length, most]);
  expect(groupFiles()).toEqual(['group-0000000001.flt']);
  expect(pruneStore(dir, most - 1).segments).toBe(1);
  expect(pruneStore(dir, 0).storedBytes).toBe(0);
  expect(readdirSync(dir)).toEqual([]);
});

test('keys that are in every segment do not have others opened in all of them', () => {
  const page = new Uint32Array(GROUP_PAGE_BYTES / 4);
  const key = (i: number) => ({ page: 0, rows: Math.imul(i + 1, 0x9e3779b1) });
  for (let i = 0; i < 30; i++) {
    for (let segment = 0; segment < GROUP_SEGMENTS; segment++) addToPage(page, key(i), segment);
  }
  expect(testPage(page, key(7))).toEqual([-1, -1]);
  const bits = (half: number) => half.toString(2).replaceAll(/[^1]/g, '').length;
  const opened = Array.from({ length: 5000 }, (_, i) => testPage(page, key(1000 + i))).map(
    ([low, high]) => bits(low >>> 0) + bits(high >>> 0),
  );
  expect(opened.filter((segments) => segments > 0).length).toBeGreaterThan(0);
  expect(Math.max(...opened)).toBeLessThan(4);
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] ^= 0x55;
  return copy;
}

/** One bit of the same row in every page. */
function flipPages(bytes: Buffer, row: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 8192; at < copy.length; at += 4096) copy[at + row * 8] ^= 1;
  return copy;
}
