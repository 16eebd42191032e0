// Encryption at rest, from the ring's blocks to the answers: what the store of clear segments gives, the encrypted one
// gives too, to whoever has the key; everybody else is told which key it takes.
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreTail } from '../../src/capture/flows/store-tail.ts';
import type { RingStore } from '../../src/capture/ring-store.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { emptyQueryReport, findPackets, type QueryReport } from '../../src/store/find-packets.ts';
import { measureStore, pruneStore } from '../../src/store/quota.ts';
import { recoverStore } from '../../src/store/recover-store.ts';
import { createPacketKey, keyId, type PacketKey } from '../../src/store/sealed/packet-keys.ts';
import { PAGE_BYTES, SLOT_BYTES } from '../../src/store/sealed/sealed-format.ts';
import { listSegments } from '../../src/store/segment-files.ts';
import { frame } from '../pcap/frames.ts';
import { openRingStore, storeFrames } from './ring-store-rig.ts';

const START_S = 1_700_000_000;
const owner = createPacketKey();
const second = createPacketKey();
const writer = createPacketKey();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-sealed-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const recipients = [
  { publicKey: owner.publicKey, isWriter: false },
  { publicKey: second.publicKey, isWriter: false },
  { publicKey: writer.publicKey, isWriter: true },
];

const openStore = (encrypted: boolean, segmentBytes?: number): RingStore =>
  openRingStore(dir, encrypted ? recipients : [], { segmentBytes, writerKeys: [writer] });

/** Packet number n, one a second: of 50 flows, and of sizes that fall on no boundary. */
const packetOf = (n: number) =>
  frame({
    src: '10.0.0.1',
    dst: `10.0.1.${n % 50}`,
    proto: 6,
    srcPort: 1000 + (n % 50),
    dstPort: 80,
    payload: Buffer.alloc((n * 37) % 1400, n),
  });

function storePackets(store: RingStore, from: number, count: number): void {
  const frames = Array.from({ length: count }, (_, i) => ({
    data: packetOf(from + i),
    second: START_S + from + i,
    nanosecond: 7,
  }));
  storeFrames(store, frames);
}

async function find(
  words: string,
  keys: PacketKey[],
  range: { fromUs?: number; toUs?: number } = {},
): Promise<{ numbers: number[]; report: QueryReport }> {
  const report = emptyQueryReport();
  const numbers: number[] = [];
  for await (const { timeNs, data } of findPackets(dir, { filter: parseFilter(words), keys, ...range }, report)) {
    const n = Number(timeNs / 1_000_000_000n) - START_S;
    expect(Buffer.from(data).equals(packetOf(n))).toBe(true);
    numbers.push(n);
  }
  return { numbers, report };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const file = (name: string) => join(dir, name);
const FIRST = 'seg-0000000001.pcapng';

test('every packet is found by either key: in small blocks and large ones, in finished segments and the open one', async () => {
  const store = openStore(true);
  let stored = 0;
  // gathered behind one another, straight from the ring, and mixed
  for (const count of [1, 1, 3, 200, 1, 600, 2, 50, 700, 700, 1]) {
    storePackets(store, stored, count);
    stored += count;
    expect((await find('', [owner])).numbers).toEqual(upTo(stored));
  }
  expect(readdirSync(dir).filter((name) => name.endsWith('.pcapng')).length).toBeGreaterThan(1);
  store.endSegment();
  for (const keys of [[owner], [second], [createPacketKey(), owner]]) {
    const { numbers, report } = await find('host 10.0.1.7', keys);
    expect(numbers).toEqual(upTo(stored).filter((n) => n % 50 === 7));
    expect(report).toMatchObject({ scanned: 0, damage: [] });
    expect(report.candidates).toBe(numbers.length);
  }
});

test('nothing of a packet, an address or a port stands in the files, and other programs see valid pcapng without packets', async () => {
  const store = openStore(true);
  storePackets(store, 0, 500);
  store.endSegment();
  const all = Buffer.concat(readdirSync(dir).map((name) => readFileSync(file(name))));
  for (const secret of [packetOf(50).subarray(26, 34), Buffer.alloc(40, 30), Buffer.from([10, 0, 1, 7])]) {
    expect(all.includes(secret)).toBe(false);
  }
  const { packets } = await readAll(file(FIRST));
  expect(packets).toBe(0);
  expect(readFileSync(file(FIRST)).subarray(0, 200).toString('latin1')).toContain(keyId(owner.publicKey));
});

async function readAll(path: string): Promise<{ packets: number }> {
  const bytes = readFileSync(path);
  let packets = 0;
  for await (const _ of readCapture(
    (async function* () {
      yield bytes;
    })(),
  )) {
    packets++;
  }
  return { packets };
}

test('without the key a query says which it takes, also where another was given, before any packet', async () => {
  const store = openStore(true);
  storePackets(store, 0, 300);
  const ids = `${keyId(owner.publicKey)}, ${keyId(second.publicKey)}`;
  const stranger = createPacketKey();
  for (const open of [true, false]) {
    if (!open) store.endSegment();
    await expect(find('', [])).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`1 of 1 segments of this time are encrypted with one of the keys ${ids}`),
    });
    await expect(find('host 10.0.1.7', [stranger])).rejects.toThrow(keyId(stranger.publicKey));
    await expect(find('host 10.0.1.7', [])).rejects.toThrow('--key FILE');
  }
  // the group knows the segment's time: what was not stored then, it cannot hold
  expect((await find('', [], { toUs: (START_S - 10) * 1e6 })).numbers).toEqual([]);
});

test('clear and encrypted segments live together; what is clear needs no key', async () => {
  for (const [i, encrypted] of [false, true, false].entries()) {
    const store = openStore(encrypted);
    storePackets(store, i * 100, 100);
    store.endSegment();
  }
  expect((await find('', [owner])).numbers).toEqual(upTo(300));
  expect((await find('host 10.0.1.7', [owner])).numbers).toEqual(upTo(300).filter((n) => n % 50 === 7));
  expect((await find('', [], { toUs: (START_S + 99) * 1e6 })).numbers).toEqual(upTo(100));
  await expect(find('', [])).rejects.toThrow('1 of 3 segments');
  await expect(find('host 10.0.9.9', [])).rejects.toThrow('1 of 1 segments');
  expect(recoverStore(dir)).toMatchObject({ reindexed: 0, completed: 0, failures: [] });
  expect((await find('', [owner])).report.scanned).toBe(0);
  // the quota counts both, and prunes the oldest first
  const segments = listSegments(dir);
  const bytes = measureStore(dir, segments);
  expect(pruneStore(dir, bytes - segments[0].bytes - segments[0].indexBytes - 1, segments).segments).toBe(2);
  expect((await find('', [owner])).numbers).toEqual(upTo(300).slice(200));
});

test('a writer that was killed: what it had written is found, before recovery and after it', async () => {
  for (let cut = 0; cut < 12; cut++) {
    const store = openStore(true);
    storePackets(store, 0, 200 + cut);
    storePackets(store, 200 + cut, 1 + cut * 30);
    const stored = 201 + cut * 31;
    // killed: never ended; and with the power gone the last pages were half written
    const path = file('seg-0000000001.open');
    const bytes = statSync(path).size;
    if (cut % 3 === 1) truncateSync(path, bytes - 2000);
    if (cut % 3 === 2) writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(9000)]));
    const before = (await find('', [owner])).numbers;
    expect(before).toEqual(upTo(before.length));
    expect(before.length).toBeGreaterThanOrEqual(cut % 3 === 1 ? stored - 200 : stored);
    const report = recoverStore(dir);
    expect(report).toMatchObject({ completed: 1, unindexed: 1, removed: 0, failures: [] });
    expect(report.tornBytes).toBe(cut % 3 === 0 ? 0 : cut % 3 === 2 ? 9000 : report.tornBytes);
    const { numbers, report: after } = await find('', [owner]);
    expect(numbers).toEqual(before);
    expect(after.damage).toContainEqual(expect.stringContaining('cut off'));
    await expect(find('', [])).rejects.toMatchObject({ code: 'locked' });
    expect(recoverStore(dir)).toMatchObject({ completed: 0, reindexed: 0, failures: [] });
    rmSync(dir, { recursive: true });
    dir = mkdtempSync(join(tmpdir(), 'mss-sealed-'));
  }
});

test('a segment given up in the middle is indexed by its writer, who has a key to it', async () => {
  const store = openStore(true);
  storePackets(store, 0, 300);
  store.endSegment(false);
  expect((await find('host 10.0.1.7', [owner])).report).toMatchObject({ scanned: 0, damage: [], matched: 6 });
});

test('a header without a packet behind it is removed by recovery', () => {
  const store = openStore(true);
  storePackets(store, 0, 1);
  truncateSync(file('seg-0000000001.open'), PAGE_BYTES + 100);
  expect(recoverStore(dir)).toMatchObject({ completed: 0, removed: 1, failures: [] });
});

test('tampering is said, and gives no packet that was not stored', async () => {
  for (let i = 0; i < 2; i++) {
    const store = openStore(true);
    storePackets(store, 0, 400);
    store.endSegment();
  }
  const [one, two] = ['seg-0000000001', 'seg-0000000002'];
  const whole = readFileSync(file(`${one}.pcapng`));
  const other = readFileSync(file(`${two}.pcapng`));
  const put = (bytes: Uint8Array) => writeFileSync(file(`${one}.pcapng`), bytes);
  rmSync(file(`${two}.pcapng`));
  const damage = async () => {
    const { numbers, report } = await find('', [owner]);
    expect(report.damage.length).toBeGreaterThan(0);
    expect(numbers.length).toBeLessThan(400);
    return report.damage.join();
  };
  const flipped = Buffer.from(whole);
  flipped[PAGE_BYTES + SLOT_BYTES + 5000] ^= 1;
  put(flipped);
  expect(await damage()).toContain('packets are damaged');
  const swapped = Buffer.from(whole);
  swapped.set(whole.subarray(PAGE_BYTES + SLOT_BYTES, PAGE_BYTES + 2 * SLOT_BYTES), PAGE_BYTES + 2 * SLOT_BYTES);
  put(swapped);
  expect(await damage()).toContain('packets are damaged');
  const mixed = Buffer.from(whole);
  mixed.set(other.subarray(PAGE_BYTES + SLOT_BYTES, PAGE_BYTES + 2 * SLOT_BYTES), PAGE_BYTES + SLOT_BYTES);
  put(mixed);
  expect(await damage()).toContain('packets are damaged');
  put(whole.subarray(0, PAGE_BYTES + 2 * SLOT_BYTES));
  expect(await damage()).toContain('cut off');
  put(other); // under a number that is not its own
  expect(await damage()).toContain('damaged');
  put(whole);
  copyFileSync(file(`${two}.idx`), file(`${one}.idx`));
  const { numbers, report } = await find('', [owner]);
  expect(numbers).toEqual(upTo(400));
  expect(report.scanned).toBe(1);
});

test('the writer follows its own segments, and passes over those of others', () => {
  const store = openStore(true, 1 << 18);
  storePackets(store, 0, 100);
  let seen = 0;
  const mine = new StoreTail(dir, () => seen++, [writer]);
  const others = new StoreTail(dir, () => expect.fail('a packet that it has no key for'), [createPacketKey()]);
  let stored = 0;
  for (const count of [1, 5, 200, 1, 400, 3]) {
    storePackets(store, 100 + stored, count);
    stored += count;
    while (mine.poll());
    while (others.poll());
    expect(seen).toBe(stored);
  }
  mine.close();
  others.close();
});
