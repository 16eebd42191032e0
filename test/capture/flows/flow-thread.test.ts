// The thread itself over a store that grows under it, with a spool that is read back.
import { on, once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SensorEvent } from '../../../src/api/event.ts';
import type { FlowCommand, FlowNote } from '../../../src/capture/flows/flow-thread.ts';
import { reportsFlows } from '../../../src/capture/flows/plan-flows.ts';
import { StoreTail } from '../../../src/capture/flows/store-tail.ts';
import { START } from '../../../src/spool/bookmark.ts';
import { readBatch } from '../../../src/spool/reader.ts';
import { StoreWriter } from '../../../src/store/store-writer.ts';
import { frame } from '../../pcap/frames.ts';

let root: string;
let worker: Worker;
let notes: AsyncIterator<[FlowNote]>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-flows-'));
  mkdirSync(join(root, 'store'));
  const url = new URL('../../../services/capture/flows.worker.ts', import.meta.url);
  worker = new Worker(url, { workerData: { spoolDir: join(root, 'spool') } });
  notes = on(worker, 'message') as AsyncIterator<[FlowNote]>;
});
afterEach(async () => {
  await worker.terminate();
  rmSync(root, { recursive: true });
});

const send = (command: FlowCommand) => worker.postMessage(command);

async function counted(wanted: (note: FlowNote & { note: 'count' }) => boolean): Promise<void> {
  for (;;) {
    const [note] = (await notes.next()).value as [FlowNote];
    if (note.note === 'failed') throw new Error(note.text);
    if (wanted(note)) return;
  }
}

function flowsOf(dir: string) {
  const events: SensorEvent[] = readBatch(dir, 'capture', START).records.map(({ event }) => event);
  return events.map((event) => (event.type === 'flow' ? [event.eve.src_port, event.eve.flow?.pkts_toserver] : event));
}

/** One packet of a flow of its own, now. */
function store(writer: StoreWriter, srcPort: number): void {
  const data = frame({ src: '10.0.0.1', dst: '192.0.2.1', proto: 17, srcPort, dstPort: 53 });
  const timeNs = BigInt(Date.now()) * 1_000_000n;
  writer.appendPacket({ timeNs, capturedLength: data.length, originalLength: data.length, linkType: 1, data });
}

test('what is stored from then on is reported, over segments that end and begin; the past is not', async () => {
  const dir = join(root, 'store');
  const before = new StoreWriter(dir);
  store(before, 1);
  before.close();
  send({ to: 'follow', dir });
  await counted(({ following }) => following);
  const writer = new StoreWriter(dir, 8192);
  for (let port = 2; port <= 200; port++) store(writer, port);
  writer.close();
  expect(writer.summary.segments).toBe(5);
  send({ to: 'follow', dir: undefined });
  await counted(({ records, following }) => records === 199 && !following);
  expect(flowsOf(join(root, 'spool'))).toEqual(Array.from({ length: 199 }, (_, i) => [i + 2, 1]));
});

test('told to stop, it reports what it has and ends', async () => {
  const dir = join(root, 'store');
  send({ to: 'follow', dir });
  await counted(({ records }) => records === 0);
  const writer = new StoreWriter(dir);
  store(writer, 5);
  store(writer, 5);
  writer.close();
  const ended = once(worker, 'exit');
  send({ to: 'stop' });
  expect(await ended).toEqual([0]);
  expect(flowsOf(join(root, 'spool'))).toEqual([[5, 2]]);
});

test('a reader that cannot keep up passes over whole segments, and counts them', () => {
  const dir = join(root, 'store');
  const seen: number[] = [];
  const tail = new StoreTail(dir, (_keys, lengthBytes) => seen.push(lengthBytes));
  const writer = new StoreWriter(dir, 5000);
  for (let port = 1; port <= 200; port++) store(writer, port);
  writer.close();
  const { segments } = writer.summary;
  expect(segments).toBeGreaterThan(8);
  while (tail.poll());
  expect(tail.skippedSegments).toBe(segments - 8);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.length).toBeLessThan(200);
  tail.close();
});

test('several workers write at once: each packet once, what is there in order of time, also once a segment ends', () => {
  const dir = join(root, 'store');
  const seen: number[] = [];
  const write = (writer: StoreWriter, seconds: number) => {
    const data = frame({ src: '10.0.0.1', dst: '192.0.2.1', proto: 17, srcPort: 1, dstPort: 53 });
    const timeNs = BigInt(seconds) * 1_000_000_000n;
    writer.appendPacket({ timeNs, capturedLength: data.length, originalLength: data.length, linkType: 1, data });
    writer.flush();
  };
  const quiet = new StoreWriter(dir);
  write(quiet, 1); // the past
  const tail = new StoreTail(dir, (_keys, _lengthBytes, timeUs) => seen.push(timeUs / 1e6));
  const busy = [new StoreWriter(dir), new StoreWriter(dir)];
  for (const seconds of [2, 5, 8]) write(busy[0], seconds);
  for (const seconds of [3, 6]) write(busy[1], seconds);
  write(quiet, 4);
  while (tail.poll());
  expect(seen).toEqual([4, 2, 3, 5, 6, 8]); // the new segments are found at the second look
  busy[0].close();
  write(new StoreWriter(dir), 11);
  write(busy[1], 10);
  write(quiet, 9);
  while (tail.poll());
  expect(seen.slice(6)).toEqual([9, 10, 11]);
  expect(tail.skippedSegments).toBe(0);
  tail.close();
});

test('a segment that has only its name is waited for, and lost to nobody', () => {
  const dir = join(root, 'store');
  const seen: number[] = [];
  const tail = new StoreTail(dir, (_keys, lengthBytes) => seen.push(lengthBytes));
  writeFileSync(join(dir, 'seg-0000000001.open'), '');
  while (tail.poll());
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  const writer = new StoreWriter(elsewhere);
  store(writer, 7);
  writer.flush();
  copyFileSync(join(elsewhere, 'seg-0000000001.open'), join(dir, 'seg-0000000001.open'));
  while (tail.poll());
  expect(seen).toHaveLength(1);
  tail.close();
});

test('capture reports only while the engine does not', () => {
  const now = { nowMs: 1_000_000, waitedMs: 120_000 };
  expect(reportsFlows({ ...now, enabled: false, spokeMs: now.nowMs })).toBe(true);
  expect(reportsFlows({ ...now, enabled: true, spokeMs: now.nowMs - 8000 })).toBe(false);
  expect(reportsFlows({ ...now, enabled: true, spokeMs: now.nowMs - 61_000 })).toBe(true);
  expect(reportsFlows({ ...now, enabled: true, spokeMs: undefined })).toBe(true);
  expect(reportsFlows({ ...now, enabled: true, spokeMs: undefined, waitedMs: 1000 })).toBe(false);
});
