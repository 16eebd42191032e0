// Packets over the API by words: as pcapng, text and files, watched and cancelled, and what is refused before it starts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePacketKey } from '../../../src/os/packet-key-files.ts';
import { readCapture } from '../../../src/pcap/read-capture.ts';
import { createPacketKey, keyId } from '../../../src/store/sealed/packet-keys.ts';
import { StoreWriter } from '../../../src/store/store-writer.ts';
import { openRingStore, storeFrames } from '../../capture/ring-store-rig.ts';
import { frame } from '../../pcap/frames.ts';
import { PortalProcess } from '../portal-process.ts';

const portal = new PortalProcess();
const FIRST_NS = 1_780_000_000_000_000_000n;
const up = { src: '10.0.0.5', srcPort: 50_000, dst: '192.0.2.9', dstPort: 80, proto: 6 };
const down = { src: up.dst, srcPort: 80, dst: up.src, dstPort: 50_000, proto: 6 };
const LARGE = 30_000;

beforeAll(async () => {
  await portal.makeAccounts();
  mkdirSync(portal.paths.packetFallback, { recursive: true });
  const writer = new StoreWriter(portal.paths.packetFallback);
  const append = (i: number, data: Buffer) => {
    const lengths = { capturedLength: data.length, originalLength: data.length };
    writer.appendPacket({ timeNs: FIRST_NS + BigInt(i) * 1_000_000n, linkType: 1, ...lengths, data });
  };
  append(0, frame({ ...up, seq: 1, payload: Buffer.from('GET /tool.exe HTTP/1.1\r\nHost: a.test\r\n\r\n') }));
  append(
    1,
    frame({ ...down, seq: 1, payload: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nMZ-4711\u0000') }),
  );
  append(2, frame({ ...up, srcPort: 50_001, seq: 1, payload: Buffer.from('hello') }));
  const large = frame({ ...up, dst: '192.0.2.10', proto: 17, payload: Buffer.alloc(1400) });
  for (let i = 0; i < LARGE; i++) append(3 + i, large);
  writer.close();
  await portal.start();
  await portal.login('anna');
});
afterAll(() => portal.remove());

const path = (words: Record<string, string>) => `/api/packets?${new URLSearchParams(words)}`;

async function count(body: Buffer): Promise<number> {
  let packets = 0;
  const source = (async function* () {
    yield body;
  })();
  for await (const _ of readCapture(source)) packets++;
  return packets;
}

test.each<[Record<string, string>, number]>([
  [{ filter: 'host 192.0.2.9 and tcp[tcpflags] & tcp-push != 0' }, 3],
  [{ tuple: '10.0.0.5,50000,192.0.2.9,80,tcp', around: '1780000000' }, 2],
  [{ filter: 'host 192.0.2.9', regex: 'mz-\\d+', 'ignore-case': '1' }, 2],
  [{ from: '1780000000', to: '1780000000.002', filter: 'tcp' }, 3],
])('%o gives %i packets', async (words, packets) => {
  const answer = await portal.ask(path(words));
  expect([answer.status, answer.headers['content-disposition']]).toEqual([
    200,
    expect.stringMatching(/^attachment; filename="packets-\d{8}T\d{6}Z\.pcapng"$/),
  ]);
  expect(await count(answer.body)).toBe(packets);
});

test('streams as text, files as a tar: attachments that no browser opens', async () => {
  const text = await portal.ask(path({ filter: 'host 192.0.2.9', as: 'text' }));
  expect(text.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': expect.stringMatching(/^attachment; .*\.txt"$/),
    'x-content-type-options': 'nosniff',
  });
  expect(text.body.toString()).toContain('MZ-4711\\x00');
  const files = await portal.ask(path({ filter: 'host 192.0.2.9', as: 'files' }));
  expect(files.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': expect.stringMatching(/^attachment; .*\.tar"$/),
  });
  const listed = spawnSync('tar', ['-xOf', '-', '0001-tool.exe'], { input: files.body });
  expect(listed.stdout.toString()).toBe('MZ-4711\u0000');
});

test('what was asked for, and what became of it, is in the audit log', async () => {
  await portal.ask(path({ filter: 'host 192.0.2.9', regex: '4711' }));
  const audit = readFileSync(`${portal.paths.stateDir('portal')}/audit.log`, 'utf8')
    .trim()
    .split('\n');
  expect(audit.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
    { what: 'packets', account: 'anna', flow: 'filter=host 192.0.2.9 regex=4711' },
    { what: 'packets-done', account: 'anna', result: 'whole' },
  ]);
});

test.each<[Record<string, string>, number, RegExp]>([
  [{ filter: 'tcp[13' }, 400, /the filter ends at column 7/],
  [{ filter: 'sid 5' }, 400, /packets cannot be searched by sid/],
  [{ tuple: '1,2,3' }, 400, /3 parts instead of 5/],
  [{ filter: 'tcp', regex: 'x' }, 400, /certain addresses only/],
  [{ filter: 'host 10.0.0.5', regex: '(a)\\1' }, 400, /back references/],
  [{ from: '-1h' }, 400, /both ends of a time/],
  [{ filter: 'tcp', as: 'exe' }, 400, /write pcapng, text, files/],
  [{ filter: 'tcp', id: '../x' }, 400, /letters, digits and dashes/],
  [{ filter: 'host 203.0.113.7' }, 404, /no such flow or host was seen/],
  [{ filter: 'host 192.0.2.9', regex: 'not there' }, 404, /the expression is nowhere/],
  [{ filter: 'host 192.0.2.10', as: 'files' }, 404, /0 files carved/],
])('%o is answered with %i', async (words, status, message) => {
  const answer = await portal.ask(path(words));
  expect([answer.status, JSON.parse(answer.body.toString()).message]).toEqual([status, expect.stringMatching(message)]);
});

test('a download is watched and cancelled by its id, and by its owner only', async () => {
  const words = path({ filter: 'host 192.0.2.10', id: 'mine-1' });
  let download: ClientRequest | undefined;
  const broken = new Promise<string>((done, fail) => {
    const headers = { 'x-mss': '1', cookie: portal.cookie };
    download = request({ host: '127.0.0.1', port: portal.port, path: words, headers, rejectUnauthorized: false });
    download.once('response', (answer) => {
      answer.once('error', (error) => done(error.message));
      answer.once('end', () => fail(new Error('it came whole')));
      void watchAndCancel().then(() => answer.resume(), fail); // nothing is read before: the child waits for us
    });
    download.once('error', fail);
    download.end();
  });
  async function watchAndCancel(): Promise<void> {
    const twice = await portal.ask(words);
    expect([twice.status, twice.body.toString()]).toEqual([400, expect.stringContaining('choose another id')]);
    const owner = portal.cookie;
    await portal.login('bert');
    expect((await portal.ask('/api/packets/mine-1', { method: 'DELETE' })).status).toBe(403);
    portal.cookie = owner;
    const first = await firstEvent('/api/packets/mine-1');
    expect(first).toMatch(/^event: progress\ndata: \{"said":.*"bytes":\d+/);
    expect((await portal.ask('/api/packets/mine-1', { method: 'DELETE' })).status).toBe(200);
  }
  expect(await broken).toMatch(/aborted|socket hang up/);
  expect((await portal.ask('/api/packets/mine-1', { method: 'DELETE' })).status).toBe(404);
  expect((await portal.ask('/api/packets/mine-1')).body.toString()).toMatch(/^event: end/);
  expect((await portal.ask(path({ filter: 'host 192.0.2.9' }))).status).toBe(200);
});

/** The first event of a stream, which is then left. */
function firstEvent(streamPath: string): Promise<string> {
  return new Promise((done, fail) => {
    const headers = { cookie: portal.cookie };
    const asked = request({
      host: '127.0.0.1',
      port: portal.port,
      path: streamPath,
      headers,
      rejectUnauthorized: false,
    });
    asked.once('response', (answer) => {
      answer.once('data', (chunk: Buffer) => {
        done(chunk.toString());
        asked.destroy();
      });
    });
    asked.once('error', fail);
    asked.end();
  });
}

test('encrypted packets: the answer names the key, and once that is unlocked they are given with the others', async () => {
  const owner = createPacketKey();
  const store = openRingStore(portal.paths.packetFallback, [{ publicKey: owner.publicKey, isWriter: false }]);
  storeFrames(store, [
    { data: frame({ ...up, seq: 2, payload: Buffer.from('later') }), second: 1_790_000_000, nanosecond: 0 },
  ]);
  store.endSegment();
  const words = { filter: 'host 192.0.2.9 and tcp[tcpflags] & tcp-push != 0' };
  const refused = await portal.ask(path(words));
  expect(refused.status).toBe(503);
  expect(refused.body.toString()).toContain(`encrypted with key ${keyId(owner.publicKey)}`);
  expect((await portal.ask(path({ ...words, to: '1780000100' }))).status).toBe(200);
  const { unlockedKeysDir } = portal.paths;
  mkdirSync(unlockedKeysDir, { recursive: true });
  writePacketKey(`${unlockedKeysDir}/${keyId(owner.publicKey)}.${Math.floor(Date.now() / 1000) + 600}.pem`, owner);
  const given = await portal.ask(path(words));
  expect(given.status).toBe(200);
  expect(await count(given.body)).toBe(4);
});
