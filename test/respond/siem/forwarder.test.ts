// Forwarding with a server that comes, goes and comes back.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/config/parse.ts';
import { Forwarder } from '../../../src/respond/siem/forwarder.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { StreamFramer } from '../../../src/syslog-x/framing.ts';
import { planForward } from '../../../src/syslog-x/plan-forward.ts';
import { findFreePort } from '../../../tools/boot/free-port.ts';
import { logRecord, NOON_US } from '../../detect/log-records.ts';

let dir: string;
let writer: SpoolWriter;
let port: number;
let got: string[];
let server: Server | undefined;
let sockets: Socket[];
let written: number;
let stop: AbortController;
const runs: Promise<void>[] = [];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mss-forward-'));
  writer = new SpoolWriter(join(dir, 'spool'), { segmentBytes: 4000, maxBytes: 200_000 });
  port = await findFreePort();
  got = [];
  sockets = [];
  written = 0;
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await Promise.all(runs.splice(0));
  await down();
  rmSync(dir, { recursive: true, force: true });
});

async function up(): Promise<void> {
  server = createServer((socket) => {
    const counts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
    const framer = new StreamFramer((message) => got.push(message.toString()), counts);
    sockets.push(socket);
    socket.on('data', (bytes) => framer.push(bytes));
    socket.on('error', () => {});
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
}
async function down(): Promise<void> {
  if (server === undefined) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  await closed;
  server = undefined;
}
function write(count: number): void {
  for (let i = 0; i < count; i++) {
    const raw = `<13>number ${written++}\nand a second line`;
    writer.append({ type: 'log', timeUs: NOON_US, log: logRecord({}, { raw }) });
  }
  writer.flush();
}
const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `<13>number ${from + i}\nand a second line`);
const start = () => {
  const forwarder = new Forwarder({
    spoolDir: writer.dir,
    stream: 'syslog-x',
    render: (event) => (event.type === 'log' ? event.log.raw : undefined),
    bookmarkFile: join(dir, 'forward.json'),
    retryMs: 50,
    firstRecord: () => writer.nextRecord,
  });
  forwarder.configure({ host: '127.0.0.1', port, transport: 'tcp', caFile: '' });
  return forwarder;
};

test('what comes is forwarded as it came; what was there before forwarding began is not', async () => {
  write(10);
  await up();
  const forwarder = start();
  runs.push(forwarder.run(stop.signal));
  await expect.poll(() => sockets.length).toBe(1);
  write(20);
  await expect.poll(() => got.length).toBe(20);
  expect(got).toEqual(texts(10, 30));
  // a clean stop remembers where it was
  stop.abort();
  await Promise.all(runs);
  stop = new AbortController();
  got = [];
  runs.push(start().run(stop.signal));
  write(5);
  await expect.poll(() => got.length).toBe(5);
  expect(got).toEqual(texts(30, 35));
});

test('what comes before the server ever answered waits for it, over a restart', async () => {
  write(10);
  const forwarder = start();
  runs.push(forwarder.run(stop.signal));
  await expect.poll(() => forwarder.problem).toMatch(/cannot send/);
  write(5);
  stop.abort();
  await Promise.all(runs);
  stop = new AbortController();
  await up();
  runs.push(start().run(stop.signal));
  await expect.poll(() => got).toEqual(texts(10, 15));
});

test('while the server is down nothing is lost, and status says why', async () => {
  await up();
  const forwarder = start();
  runs.push(forwarder.run(stop.signal));
  write(1);
  await expect.poll(() => sockets.length).toBe(1);
  write(50);
  await expect.poll(() => got.length).toBeGreaterThanOrEqual(50);
  await down();
  write(100);
  await expect.poll(() => forwarder.problem).toMatch(/sending syslog stopped|cannot send syslog to 127\.0\.0\.1:/);
  await up();
  await expect.poll(() => new Set(got).size).toBeGreaterThanOrEqual(150);
  expect(new Set(got)).toEqual(new Set(texts(written - new Set(got).size, written)));
  await expect.poll(() => forwarder.problem).toBeUndefined();
  expect(forwarder.lostMessages).toBe(0);
});

test('what the spool had to give up meanwhile is counted', async () => {
  await up();
  const forwarder = start();
  runs.push(forwarder.run(stop.signal));
  await expect.poll(() => sockets.length).toBe(1);
  write(1);
  await expect.poll(() => got.length).toBe(1);
  await down();
  write(2000);
  await up();
  await expect.poll(() => got.at(-1), { timeout: 10_000 }).toBe(texts(written - 1, written)[0]);
  const missing = 2001 - new Set(got).size;
  expect(missing).toBeGreaterThan(0);
  // the first one had arrived, but that was not yet certain
  expect(forwarder.lostMessages - missing).toBeGreaterThanOrEqual(0);
  expect(forwarder.lostMessages - missing).toBeLessThanOrEqual(1);
});

test('where to', () => {
  const logs = { ...defaultConfig().logs, forwardTo: '[2001:db8::1]:6514' };
  expect(planForward(logs)).toEqual({ host: '2001:db8::1', port: 6514, transport: 'tcp', caFile: '' });
  const named = { ...logs, forwardTo: 'siem.example:6514', forwardTls: true, forwardCa: '/nsm/etc/siem.pem' };
  expect(planForward(named)).toEqual({
    host: 'siem.example',
    port: 6514,
    transport: 'tls',
    caFile: '/nsm/etc/siem.pem',
  });
  expect(planForward({ ...logs, forwardTo: '' })).toBeUndefined();
  expect(planForward({ ...logs, enabled: false })).toBeUndefined();
});
