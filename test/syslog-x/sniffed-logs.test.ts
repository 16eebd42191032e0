// The stream that capture writes, read as syslog-x does: over restarts and gaps, without what came in by a port too.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { SniffedLogs } from '../../src/syslog-x/sniffed-logs.ts';

let root: string;
let taken: [string, string, number][];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-sniffed-'));
  taken = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const open = () =>
  new SniffedLogs({
    spoolDir: join(root, 'spool'),
    bookmarkFile: join(root, 'bookmark'),
    take: (payload, source, timeUs) => taken.push([payload.toString('hex'), source, timeUs]),
  });
const isReceived = (address: string, port: number) => address === '192.0.2.1' && port === 514;

function write(writer: SpoolWriter, text: string, destination = '192.0.2.9', port = 514): void {
  const datagram = { source: '10.0.0.7', destination, port, text };
  writer.append({ type: 'datagram', timeUs: 1000, datagram });
}

test('each message once, its bytes as they were; what is received by a port too is left to that', () => {
  const writer = new SpoolWriter(join(root, 'spool'));
  write(writer, 'caf\u00e9'); // latin1, which is no UTF-8
  write(writer, 'own', '192.0.2.1');
  write(writer, 'own address, but nobody listens', '192.0.2.1', 5514);
  writer.flush();
  const logs = open();
  logs.read(isReceived);
  logs.read(isReceived);
  const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
  expect(taken).toEqual([
    ['636166e9', '10.0.0.7', 1000],
    [hex('own address, but nobody listens'), '10.0.0.7', 1000],
  ]);
  expect(logs.counters).toEqual({ sniffedMessages: 2, ownSniffedMessages: 1, lostSniffedMessages: 0 });
  logs.keep();
  write(writer, 'later');
  writer.close();
  const again = open();
  again.read(isReceived);
  expect(taken.slice(2)).toEqual([[hex('later'), '10.0.0.7', 1000]]);
});

test('a stream that was pruned meanwhile counts what was lost; none at all is no fault', () => {
  const logs = open();
  logs.read(isReceived);
  expect(logs.problem).toBeUndefined();
  const writer = new SpoolWriter(join(root, 'spool'), { segmentBytes: 1000, maxBytes: 3000 });
  for (let i = 0; i < 200; i++) {
    write(writer, `message ${i}`);
    writer.flush();
  }
  writer.close();
  logs.read(isReceived);
  const first = Number.parseInt(readdirSync(join(root, 'spool')).sort()[0], 10);
  expect(first).toBeGreaterThan(100);
  expect(logs.counters).toMatchObject({ sniffedMessages: 200 - first, lostSniffedMessages: first });
});

test('a bookmark that cannot be kept is said', () => {
  const writer = new SpoolWriter(join(root, 'spool'));
  write(writer, 'one');
  writer.close();
  const logs = new SniffedLogs({ spoolDir: join(root, 'spool'), bookmarkFile: '/dev/null/bookmark', take: () => {} });
  logs.read(isReceived);
  logs.keep();
  expect(logs.problem).toContain('/dev/null/bookmark');
});
