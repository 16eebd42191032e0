// A reader of a spool stream: batches of records from its bookmark on, and a gap where the writer pruned unread ones.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SensorEvent } from '../api/event.ts';
import { type Bookmark, START } from './bookmark.ts';
import { listSegments, segmentName } from './segment.ts';

export interface Batch {
  records: { number: number; event: SensorEvent }[];
  /** where to go on; keep it in the same transaction as what was made of the records */
  next: Bookmark;
  /** lines that were no JSON object: counted, passed over */
  badRecords: number;
}

/**
 * Reads the next batch of `stream` from `dir`: at most `maxBytes` of one segment, empty when there is nothing new.
 * A bookmark older than the first segment gives a `gap` record first; one past the end of a stream that was begun anew
 * (a reset sensor) starts over.
 */
export function readBatch(dir: string, stream: string, bookmark: Bookmark, maxBytes = 1 << 20): Batch {
  const segments = listSegments(dir);
  if (segments.length === 0) return { records: [], next: { ...bookmark }, badRecords: 0 };
  const from = isPastEnd(dir, segments, bookmark) ? { ...START, record: segments[0], segment: segments[0] } : bookmark;
  const batch: Batch = { records: [], next: { ...from }, badRecords: 0 };
  const holder = segments.findLast((first) => first <= from.record) ?? segments[0];
  if (holder > from.record) {
    const gap = { type: 'gap' as const, timeUs: Date.now() * 1000, stream, from: from.record, to: holder - 1 };
    batch.records.push({ number: from.record, event: { ...gap, count: holder - from.record } });
    batch.next = { record: holder, segment: holder, offset: 0 };
  } else if (holder !== from.segment) {
    batch.next = { record: holder, segment: holder, offset: 0 };
  }
  const text = readLines(join(dir, segmentName(holder)), batch.next.offset, maxBytes);
  let start = 0;
  for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, start)) {
    // a bookmark that lost its byte offset starts at the segment's head: pass over what was read before
    if (batch.next.record >= from.record) {
      try {
        const event = JSON.parse(text.toString('utf8', start, end)) as SensorEvent;
        batch.records.push({ number: batch.next.record, event });
      } catch {
        batch.badRecords++;
      }
    }
    batch.next.record++;
    start = end + 1;
  }
  batch.next.offset += start;
  if (start === 0)
    passHole(
      batch,
      stream,
      segments.find((first) => first > holder),
    );
  return batch;
}

/**
 * Segments are begun when the one before is whole: where that has no more lines and still lacks records, a power cut
 * took them. The reader would wait for them for ever.
 */
function passHole({ records, next }: Batch, stream: string, following: number | undefined): void {
  if (following === undefined || following <= next.record) return;
  const gap = { type: 'gap' as const, timeUs: Date.now() * 1000, stream, from: next.record, to: following - 1 };
  records.push({ number: next.record, event: { ...gap, count: following - next.record } });
  Object.assign(next, { record: following, segment: following, offset: 0 });
}

// Only the oldest segments are ever pruned, and files only grow: a newer one that is missing, or a shorter file, is another stream.
function isPastEnd(dir: string, segments: number[], { segment, offset }: Bookmark): boolean {
  const last = segments[segments.length - 1];
  if (segment > last) return true;
  return segment === last && offset > statSync(join(dir, segmentName(last))).size;
}

function readLines(file: string, offset: number, maxBytes: number): Buffer {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    // pruned between listing and opening: the next call sees the gap
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    let length = Math.min(maxBytes, fstatSync(fd).size - offset);
    if (length <= 0) return Buffer.alloc(0);
    let bytes = Buffer.alloc(length);
    length = readSync(fd, bytes, 0, length, offset);
    bytes = bytes.subarray(0, length);
    if (length < maxBytes || bytes.includes(10)) return bytes;
    return readLines(file, offset, maxBytes * 2);
  } finally {
    closeSync(fd);
  }
}
