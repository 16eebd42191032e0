import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { parseBookmark, START } from '../../src/spool/bookmark.ts';
import { readBatch } from '../../src/spool/reader.ts';
import { segmentName } from '../../src/spool/segment.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const notice = (text: string): SensorEvent => ({ type: 'notice', timeUs: 1, service: 'ids', level: 'info', text });
const texts = (batch: ReturnType<typeof readBatch>) =>
  batch.records.map(({ event }) => (event.type === 'notice' ? event.text : event.type));

test('what is appended is read once, in order, across segments and a restart of the writer', () => {
  const first = new SpoolWriter(dir, { segmentBytes: 200 });
  for (let i = 0; i < 10; i++) {
    first.append(notice(`n${i}`));
    first.flush();
  }
  first.close();
  const second = new SpoolWriter(dir, { segmentBytes: 200 });
  expect(second.nextRecord).toBe(10);
  second.append(notice('n10'));
  second.close();
  expect(readdirSync(dir).length).toBeGreaterThan(2);

  const seen: string[] = [];
  let at = START;
  for (let batch = readBatch(dir, 'ids', at); batch.records.length > 0; batch = readBatch(dir, 'ids', at)) {
    seen.push(...texts(batch));
    at = parseBookmark(JSON.stringify(batch.next));
  }
  expect(seen).toEqual(Array.from({ length: 11 }, (_, i) => `n${i}`));
  expect(at.record).toBe(11);
});

test('a torn last line is cut off when the writer opens the stream, and counted', () => {
  const writer = new SpoolWriter(dir);
  writer.append(notice('whole'));
  writer.close();
  appendFileSync(join(dir, segmentName(0)), '{"type":"noti');
  expect(texts(readBatch(dir, 'ids', START))).toEqual(['whole']);
  const again = new SpoolWriter(dir);
  expect(again.tornBytes).toBe(13);
  again.append(notice('after'));
  again.close();
  expect(texts(readBatch(dir, 'ids', START))).toEqual(['whole', 'after']);
});

test('pruned records that were not read give a gap with their count', () => {
  const writer = new SpoolWriter(dir, { segmentBytes: 100, maxBytes: 300 });
  for (let i = 0; i < 20; i++) {
    writer.append(notice(`n${i}`));
    writer.flush();
  }
  const batch = readBatch(dir, 'ids', START);
  expect(batch.records[0].event).toMatchObject({ type: 'gap', from: 0, count: writer.prunedRecords });
  expect(batch.records[1].number).toBe(writer.prunedRecords);
  writer.close();
});

test('a disk that refuses keeps records for the next flush, bounded and counted', () => {
  const writer = new SpoolWriter(dir, { maxPendingBytes: 150 });
  rmSync(dir, { recursive: true });
  for (let i = 0; i < 5; i++) writer.append(notice(`n${i}`));
  expect(writer.droppedRecords).toBeGreaterThan(0);
  writer.close();
  dir = mkdtempSync(join(tmpdir(), 'spool-'));
});

test('a line that is no JSON is counted and passed over', () => {
  const writer = new SpoolWriter(dir);
  writer.append(notice('a'));
  writer.close();
  appendFileSync(join(dir, segmentName(0)), 'garbage\n{"type":"notice","text":"b"}\n');
  const batch = readBatch(dir, 'ids', START);
  expect(batch.badRecords).toBe(1);
  expect(texts(batch)).toEqual(['a', 'b']);
});

test('a stream that was begun anew is read from its start, whatever the bookmark says', () => {
  const old = new SpoolWriter(dir, { segmentBytes: 100 });
  for (let i = 0; i < 9; i++) {
    old.append(notice(`old${i}`));
    old.flush();
  }
  old.close();
  let at = START;
  for (let batch = readBatch(dir, 'ids', at); batch.records.length > 0; batch = readBatch(dir, 'ids', at))
    at = batch.next;
  rmSync(dir, { recursive: true });
  const fresh = new SpoolWriter(dir);
  fresh.append(notice('new'));
  fresh.close();
  const batch = readBatch(dir, 'ids', at);
  expect(texts(batch)).toEqual(['new']);
  expect(readBatch(dir, 'ids', { record: 1, segment: 0, offset: 10_000 }).records.length).toBe(1);
});

test('records that a power cut took out of the middle are a gap, and reading goes on behind it', () => {
  const writer = new SpoolWriter(dir, { segmentBytes: 200 });
  for (let i = 0; i < 10; i++) {
    writer.append(notice(`n${i}`));
    writer.flush();
  }
  writer.close();
  const [first, second] = readdirSync(dir).sort();
  const perSegment = Number.parseInt(second, 10);
  truncateSync(join(dir, first), readFileSync(join(dir, first)).indexOf(10) + 5);
  const seen: string[] = [];
  let at = START;
  for (let batch = readBatch(dir, 'ids', at); batch.records.length > 0; batch = readBatch(dir, 'ids', at)) {
    seen.push(...texts(batch));
    at = batch.next;
  }
  const rest = Array.from({ length: 10 - perSegment }, (_, i) => `n${perSegment + i}`);
  expect(seen).toEqual(['n0', 'gap', ...rest]);
});
