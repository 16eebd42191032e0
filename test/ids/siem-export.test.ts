// The SIEM's queue with a server that is away, comes, and with a service that restarts meanwhile; and datagrams.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { parseSensorConfig } from '../../src/config/parse.ts';
import { SiemExport } from '../../src/ids/siem-export.ts';
import { readCef } from '../../src/logs/body/cef.ts';
import type { Service } from '../../src/os/run-service.ts';
import { pathsUnder } from '../../src/paths.ts';
import { StreamFramer } from '../../src/syslog-x/framing.ts';
import { findFreePort } from '../../tools/boot/free-port.ts';

let root: string;
let stop: AbortController;
let running: Promise<void> | undefined;
const warnings: string[] = [];
const closers: (() => void)[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-siem-'));
});
afterEach(async () => {
  await end();
  for (const close of closers.splice(0)) close();
  warnings.length = 0;
  rmSync(root, { recursive: true, force: true });
});

const notice = (text: string): SensorEvent => ({ type: 'notice', timeUs: 1, service: 'x', level: 'error', text });
function begin(siem: object): { exporter: SiemExport; counters: Record<string, number> } {
  stop = new AbortController();
  const counters: Record<string, number> = {};
  const service = { signal: stop.signal, counters, warn: (text: string) => warnings.push(text) } as unknown as Service;
  const exporter = new SiemExport(service, pathsUnder(root), parseSensorConfig({ siem }));
  running = exporter.run();
  return { exporter, counters };
}
async function end(): Promise<void> {
  stop?.abort();
  await running;
  running = undefined;
}
async function listen(port: number): Promise<string[]> {
  const got: string[] = [];
  const server = createServer((socket) => {
    const counts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
    const framer = new StreamFramer((message) => got.push(readCef(message.toString())?.msg ?? '?'), counts);
    socket.on('data', (bytes) => framer.push(bytes));
    socket.on('end', () => socket.end());
    closers.push(() => socket.destroy());
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return got;
}

test('what came while the SIEM was down arrives once it is there, over a restart too', async () => {
  const port = await findFreePort();
  const { exporter } = begin({ to: `127.0.0.1:${port}`, about: ['health'] });
  for (let i = 0; i < 20; i++) exporter.offer(notice(`number ${i}`));
  exporter.offer({ type: 'protocol', timeUs: 1, eve: { timestamp: '', event_type: 'dns' } });
  exporter.flush();
  exporter.keep();
  await expect.poll(() => warnings.join(), { timeout: 5000 }).toContain(`cannot send syslog to 127.0.0.1:${port}`);
  await end();
  const got = await listen(port);
  const { exporter: second, counters } = begin({ to: `127.0.0.1:${port}` });
  second.offer(notice('after'));
  second.flush();
  const all = [...Array.from({ length: 20 }, (_, i) => `number ${i}`), 'after'];
  await expect.poll(() => got).toEqual(all);
  await end();
  expect(counters).toEqual({ siemSent: 21, siemLost: 0 });
  // a clean end remembers what has arrived
  begin({ to: `127.0.0.1:${port}` }).exporter.offer(notice('last'));
  await end();
  begin({ to: `127.0.0.1:${port}` });
  await expect.poll(() => got).toEqual([...all, 'last']);
});

test('UDP: a datagram each; a closed port is noticed and what was sent there is sent again', async () => {
  const port = await findFreePort();
  const { exporter } = begin({ to: `localhost:${port}`, transport: 'udp' });
  exporter.offer(notice('one'));
  exporter.flush();
  await expect.poll(() => warnings.join(), { timeout: 5000 }).toContain('ECONNREFUSED');
  await end();
  const socket = createSocket('udp6').bind({ port, address: '::' });
  closers.push(() => socket.close());
  await once(socket, 'listening');
  expect((socket.address() as AddressInfo).port).toBe(port);
  const got: string[] = [];
  socket.on('message', (bytes) => got.push(readCef(bytes.toString())?.msg ?? '?'));
  const { exporter: second } = begin({ to: `localhost:${port}`, transport: 'udp' });
  second.offer(notice('two'));
  second.flush();
  await expect.poll(() => got).toEqual(['one', 'two']);
});

test('without a SIEM nothing is queued', async () => {
  const { exporter } = begin({});
  exporter.offer(notice('nobody'));
  exporter.flush();
  await end();
  const port = await findFreePort();
  const got = await listen(port);
  begin({ to: `127.0.0.1:${port}` }).exporter.offer(notice('somebody'));
  await end();
  begin({ to: `127.0.0.1:${port}` });
  await expect.poll(() => got).toEqual(['somebody']);
});
