// What happens to a store: cut off, garbled, pruned, shared with files that are not ours.
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CapturedPacket } from '../../src/pcap/packet.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { explainNothing } from '../../src/store/explain-nothing.ts';
import { emptyQueryReport, findPackets, type PacketQuery } from '../../src/store/find-packets.ts';
import { planQuota, pruneStore } from '../../src/store/quota.ts';
import { recoverStore } from '../../src/store/recover-store.ts';
import { SEGMENT_HEADER_BYTES } from '../../src/store/segment-header.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { frame } from '../pcap/frames.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-store-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const START_S = 1_700_000_000;

function packet(i: number): CapturedPacket {
  const data = frame({
    src: '10.0.0.1',
    dst: `10.0.1.${i % 200}`,
    proto: 6,
    srcPort: 1000 + i,
    dstPort: 80,
    payload: Buffer.alloc(200, i),
  });
  return {
    timeNs: BigInt(START_S + i) * 1_000_000_000n,
    linkType: 1,
    capturedLength: data.length,
    originalLength: data.length,
    data,
  };
}

/** Packets of about 290 bytes each, in segments of 40 or so. */
function write(count: number, segmentBytes = 16_000): void {
  const writer = new StoreWriter(dir, segmentBytes);
  for (let i = 0; i < count; i++) writer.appendPacket(packet(i));
  writer.close();
}

async function count(text = '', query: Partial<PacketQuery> = {}) {
  const report = emptyQueryReport();
  let packets = 0;
  for await (const _ of findPackets(dir, { filter: parseFilter(text), ...query }, report)) packets++;
  return { packets, report };
}

const files = (end: string) =>
  readdirSync(dir)
    .filter((name) => name.endsWith(end))
    .sort();

test('a missing index is made up for, and made anew by recovery', async () => {
  write(100);
  rmSync(join(dir, files('.idx')[0]));
  const before = await count('dst port 80');
  expect(before.packets).toBe(100);
  expect(before.report.scanned).toBe(1);
  expect(recoverStore(dir)).toMatchObject({ reindexed: 1, completed: 0, tornBytes: 0, failures: [] });
  expect((await count('dst port 80')).report.scanned).toBe(0);
});

test('any damaged byte of an index is noticed where it matters: nothing is lost', async () => {
  write(60, 1_000_000);
  const path = join(dir, files('.idx')[0]);
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at += 509) {
    const bad = Buffer.from(good);
    bad[at] ^= 0x40;
    writeFileSync(path, bad);
    expect((await count('host 10.0.1.7')).packets, `byte ${at}`).toBe(1);
    expect((await count('')).packets, `byte ${at}`).toBe(60);
  }
  const cut = await count('host 10.0.1.7');
  truncateSync(path, 4000);
  expect((await count('host 10.0.1.7')).packets).toBe(cut.packets);
});

test('a segment cut at any place keeps its whole packets, and recovery says what it cut off', async () => {
  write(20, 1_000_000);
  const [segment] = files('.pcapng');
  const whole = readFileSync(join(dir, segment));
  for (const cut of [1, 3, 50, 299, 1000]) {
    writeFileSync(join(dir, segment), whole.subarray(0, whole.length - cut));
    const { packets, report } = await count('');
    expect(packets).toBe(20 - Math.ceil((cut / (whole.length - 4096)) * 20));
    expect(report.damage.join()).toMatch(/unreadable|^$/);
  }
  const recovered = recoverStore(dir);
  expect(recovered.reindexed).toBe(1);
  expect(recovered.tornBytes).toBeGreaterThan(0);
  const after = await count('');
  expect(after.report.damage).toEqual([]);
  expect(after.report.scanned).toBe(0);
});

test('a segment left open is completed; one without a whole packet is removed', async () => {
  write(100);
  const [first, second] = files('.pcapng');
  for (const name of [first, second]) renameSync(join(dir, name), join(dir, name.replace('pcapng', 'open')));
  rmSync(join(dir, first.replace('pcapng', 'idx')));
  truncateSync(join(dir, second.replace('pcapng', 'open')), 4100);
  const before = await count('');
  const report = recoverStore(dir);
  expect(report).toMatchObject({ completed: 1, removed: 1, tornBytes: 4100, failures: [] });
  expect(files('.open')).toEqual([]);
  expect((await count('')).packets).toBe(before.packets);
});

test('garbage as a segment is kept aside, strays are removed, foreign files are left alone', async () => {
  write(10);
  writeFileSync(join(dir, 'seg-0000000077.pcapng'), 'garbage');
  writeFileSync(join(dir, 'seg-0000000088.idx'), 'stray');
  writeFileSync(join(dir, 'seg-0000000001.idx.new'), 'stray');
  writeFileSync(join(dir, 'holiday.pcapng'), 'not ours');
  expect((await count('')).report.damage.join()).toMatch(/seg-0000000077/);
  const report = recoverStore(dir);
  expect(report.strays).toBe(2);
  expect(report.failures.join()).toMatch(/header is damaged; kept as/);
  pruneStore(dir, 0);
  expect(readdirSync(dir).sort()).toEqual(['holiday.pcapng', 'seg-0000000077.pcapng.damaged']);
});

test('the quota takes the oldest first, with their indexes, and never one in hand', async () => {
  write(400);
  const before = files('.pcapng');
  const inHand = before.at(-3)!;
  renameSync(join(dir, inHand), join(dir, inHand.replace('pcapng', 'open')));
  const { storedBytes } = pruneStore(dir, Number.MAX_SAFE_INTEGER);
  const half = before.slice(0, before.length / 2).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  const report = pruneStore(dir, storedBytes - half);
  expect(report.storedBytes).toBeLessThanOrEqual(storedBytes - half);
  expect(report.segments).toBeGreaterThan(0);
  expect(files('.pcapng')).toEqual(before.slice(report.segments).filter((name) => name !== inHand));
  expect(files('.idx')).toEqual(before.slice(report.segments).map((name) => name.replace('pcapng', 'idx')));
  expect(pruneStore(dir, 0).storedBytes).toBeGreaterThan(0);
  expect(files('.open')).toEqual([inHand.replace('pcapng', 'open')]);
});

test('one that a full disk left open long ago is not in hand: the quota takes it', () => {
  write(400);
  const [oldest] = files('.pcapng');
  renameSync(join(dir, oldest), join(dir, oldest.replace('pcapng', 'open')));
  pruneStore(dir, 0);
  expect(files('.open')).toEqual([]);
});

test('the quota leaves room where somebody else fills the disk', () => {
  const GB = 2 ** 30;
  expect(planQuota({ percent: 90, bytes: 0 }, { totalBytes: 100 * GB, freeBytes: 100 * GB, storedBytes: 0 })).toBe(
    90 * GB,
  );
  expect(planQuota({ percent: 90, bytes: 5 * GB }, { totalBytes: 100 * GB, freeBytes: 100 * GB, storedBytes: 0 })).toBe(
    5 * GB,
  );
  expect(planQuota({ percent: 90, bytes: 0 }, { totalBytes: 100 * GB, freeBytes: 0, storedBytes: 10 * GB })).toBe(
    10 * GB - 2 ** 28,
  );
  expect(planQuota({ percent: 90, bytes: 0 }, { totalBytes: GB, freeBytes: 0, storedBytes: 0 })).toBe(0);
});

test('a query that finds nothing says why', async () => {
  const why = async (text: string, query: Partial<PacketQuery> = {}) => {
    const { packets, report } = await count(text, query);
    expect(packets).toBe(0);
    return explainNothing(dir, { filter: parseFilter(text), ...query }, report);
  };
  expect(await why('')).toMatch(/holds no packets/);
  write(50);
  expect(await why('host 192.0.2.1')).toMatch(/no such flow or host was seen .* from 2023-11-14T22:13:20.000000Z to/);
  expect(await why('', { fromUs: (START_S + 100) * 1e6 })).toMatch(/later than anything stored/);
  expect(await why('', { toUs: (START_S - 1) * 1e6 })).toMatch(/earlier than anything stored/);
  expect(await why('host 10.0.0.1 and less 20')).toMatch(/50 packets .* none matches/);
});

test('a writer that dies leaves what it flushed to readers, and a second writer of the folder does not touch it', async () => {
  const dead = new StoreWriter(dir);
  for (let i = 0; i < 5; i++) dead.appendPacket(packet(i));
  dead.flush();
  appendFileSync(join(dir, files('.open')[0]), Buffer.from([6, 0, 0, 0, 64])); // half of a block
  write(5);
  expect((await count('')).packets).toBe(10);
});

test('a clock that jumps by months hides no packet from a query by time', async () => {
  const writer = new StoreWriter(dir);
  const day = 86_400;
  const days = [0, 30, 100];
  for (const at of days) writer.appendPacket({ ...packet(at), timeNs: BigInt(START_S + at * day) * 1_000_000_000n });
  writer.close();
  // what one block of the ring would do: all in one segment
  const [first, ...others] = files('.pcapng');
  for (const other of others) {
    appendFileSync(join(dir, first), readFileSync(join(dir, other)).subarray(SEGMENT_HEADER_BYTES));
    rmSync(join(dir, other));
  }
  recoverStore(dir);
  expect(files('.pcapng')).toHaveLength(1);
  for (const at of days) {
    const us = (START_S + at * day) * 1e6;
    expect((await count('', { fromUs: us - 1e6, toUs: us + 1e6 })).packets).toBe(1);
  }
});

test('more link types than a segment describes go on in another one', async () => {
  const writer = new StoreWriter(dir);
  for (let i = 0; i < 250; i++) writer.appendPacket({ ...packet(i), linkType: 1000 + i });
  expect(writer.close().packets).toBe(250);
  expect((await count()).packets).toBe(250);
});
