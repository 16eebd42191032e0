// The portal's API over real TLS and its socket: logins, searches, live view, packets, and what it refuses.
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerAnswer, STORED_COUNTS } from '../../src/api/ledger.ts';
import { noCounts } from '../../src/ledger/ledger-minute.ts';
import { LedgerWriter } from '../../src/ledger/ledger-writer.ts';
import { askUnixSocket } from '../../src/os/http.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { alertEvent, flowEvent, logEvent, NOON_US } from '../archive/sample.ts';
import { frame } from '../pcap/frames.ts';
import { PortalProcess } from './portal-process.ts';

const portal = new PortalProcess();
const FLOW = { src: '10.0.0.5', srcPort: 50_000, dst: '192.0.2.9', dstPort: 443 };
let stored = 0;

beforeAll(async () => {
  await portal.makeAccounts();
  configure({});
  const store = portal.paths.packetFallback;
  mkdirSync(store, { recursive: true });
  const writer = new StoreWriter(store);
  const packet = (i: number, ends: typeof FLOW) => ({
    timeNs: BigInt(NOON_US + i) * 1000n,
    linkType: 1,
    data: frame({ ...ends, proto: 6, vlans: [], payload: new Uint8Array([i]) }),
  });
  for (let i = 0; i < 7; i++) {
    for (const one of [packet(i, FLOW), packet(i, { ...FLOW, srcPort: 50_001 })]) {
      writer.appendPacket({ ...one, capturedLength: one.data.length, originalLength: one.data.length });
    }
  }
  writer.close();
  await portal.start();
  await storeSample();
});
afterAll(() => portal.remove());

/** The sample's events are of one day, whatever today is. */
function configure(pages: object): void {
  writeFileSync(portal.paths.desiredFile, JSON.stringify({ archive: { days: 3650 }, pages }));
}

async function storeSample(): Promise<void> {
  stored = 5;
  await portal.store(
    stored,
    'ids',
    alertEvent({ ...FLOW, sid: 2_000_001 }),
    alertEvent({ src: '10.0.0.6', srcPort: 1, sid: 2_000_002, severity: 3, timeUs: NOON_US + 1e6 }),
    alertEvent({ src: '2001:db8::6', dst: '2001:db8::7', sid: 2_000_003, timeUs: NOON_US + 2e6 }),
    flowEvent({ ...FLOW }),
    logEvent({}),
  );
}

const sids = (page: Record<string, unknown>) =>
  (page.rows as { eve: { alert: { signature_id: number } } }[]).map(({ eve }) => eve.alert.signature_id);
const idOf = async (words: string): Promise<string> =>
  ((await portal.json(`/api/alerts?q=${encodeURIComponent(words)}`)).rows as { id: string }[])[0].id;

test('nothing is told without a login, and the certificate is the one in the status', async () => {
  portal.cookie = '';
  for (const path of ['/api/alerts', '/api/status', '/api/ledger', '/api/live', '/api/packets?alert=1.1', '/nothing']) {
    const answer = await portal.ask(path);
    expect([path, answer.status]).toEqual([path, 401]);
  }
  const status = await portal.waitForStatus(() => true);
  const socket = connect({ host: '127.0.0.1', port: portal.port, rejectUnauthorized: false });
  await new Promise((done) => socket.once('secureConnect', done));
  const certificate = new X509Certificate(socket.getPeerCertificate().raw);
  socket.destroy();
  expect(certificate.fingerprint256).toBe(status.detail.fingerprint);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
});

test('a login gives a cookie that no script and no other site gets, and ends at the logout', async () => {
  const answer = await portal.login('anna');
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body.toString())).toEqual({ name: 'anna', packets: true });
  expect(answer.headers['set-cookie']?.[0]).toMatch(
    /^__Host-mss=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  );
  expect((await portal.ask('/api/alerts')).status).toBe(200);
  expect((await portal.ask('/api/session', { method: 'DELETE' })).status).toBe(204);
  expect((await portal.ask('/api/alerts')).status).toBe(401);
  expect(readFileSync(`${portal.paths.stateDir('portal')}/audit.log`, 'utf8')).toMatch(/"what":"login".*"anna"/);
});

test('guessing is slowed down, and says for how long', async () => {
  portal.cookie = '';
  expect((await portal.login('carl', 'wrong password')).status).toBe(401);
  const again = await portal.login('carl', 'wrong password');
  expect(again.status).toBe(429);
  expect(Number(again.headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.parse(again.body.toString()).message).toMatch(/try again in 1 s/);
  await new Promise((done) => setTimeout(done, JSON.parse(again.body.toString()).retrySeconds * 1000));
  expect((await portal.login('anna')).status).toBe(200);
});

test('searches answer the words, page by page, and say why they found nothing', async () => {
  await portal.login('anna');
  expect(sids(await portal.json('/api/alerts'))).toEqual([2_000_003, 2_000_002, 2_000_001]);
  const first = await portal.json('/api/alerts?limit=2');
  expect(first.more).toBe(true);
  const last = (first.rows as { id: string }[])[1].id;
  expect(sids(await portal.json(`/api/alerts?limit=2&before=${last}`))).toEqual([2_000_001]);
  expect(sids(await portal.json('/api/alerts?q=ip6'))).toEqual([2_000_003]);
  expect((await portal.json('/api/hosts?q=net+10.0.0.0/8')).rows).toMatchObject([
    { address: '10.0.0.5', alerts: 1, flows: 1, worstSeverity: 1 },
    { address: '10.0.0.6', alerts: 1, flows: 0, worstSeverity: 3 },
  ]);
  expect((await portal.json('/api/logs?q=app+sshd')).rows).toHaveLength(1);
  expect((await portal.json('/api/flows?q=port+443')).rows).toHaveLength(1);
  expect((await portal.json('/api/alerts?q=host+10.9.9.9')).nothing).toMatch(
    /none matches these words; .* 3 alerts from/,
  );
  expect((await portal.json('/api/alerts?to=2020-01-01')).nothing).toMatch(/nothing is as old as asked for/);
  expect((await portal.json('/api/alerts?last=5m')).nothing).toMatch(/nothing is as new as asked for/);
  expect((await portal.json('/api/incidents')).nothing).toMatch(/no incidents at all yet/);
});

test.each([
  ['/api/alerts?q=prot+80', 400, /"prot" at column 1/],
  ['/api/alerts?q=less+80', 400, /"less" has no meaning for alerts/],
  ['/api/alerts?limit=0', 400, /limit "0" must be/],
  ['/api/alerts?from=yesterday', 400, /"yesterday" is not a time/],
  ['/api/alerts?from=now&to=-1h', 400, /ends before it begins/],
  ['/api/alerts?order=up', 400, /"order" is no parameter/],
  ['/api/alerts?before=1.1.1', 400, /no id of a row/],
  ['/api/live?q=phase+c2', 400, /"phase" has no meaning/],
  ['/api/packets?alert=1.1', 404, /no alert with the id/],
  ['/api/packets?file=x', 400, /name one \?alert=ID/],
  ['/../../etc/passwd', 404, /nothing at/],
] as const)('%s is refused with %i and the reason', async (path, status, message) => {
  const answer = await portal.ask(path);
  expect(JSON.parse(answer.body.toString()).message).toMatch(message);
  expect(answer.status).toBe(status);
});

test('other sites are kept out: unknown names, foreign origins, requests that act without their header', async () => {
  const code = async (headers: Record<string, string>, method = 'GET') =>
    (await portal.ask('/api/session', { method, headers })).status;
  expect(await code({})).toBe(200);
  expect(await code({ host: 'attacker.example' })).toBe(403);
  expect(await code({ host: `localhost:${portal.port}` })).toBe(200);
  expect(await code({ origin: 'https://attacker.example' })).toBe(403);
  expect(await code({ origin: `https://127.0.0.1:${portal.port}` })).toBe(200);
  expect(await code({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  const forged = await new Promise<number>((done, fail) => {
    const options = {
      host: '127.0.0.1',
      port: portal.port,
      path: '/api/session',
      method: 'POST',
      rejectUnauthorized: false,
    };
    request(options, (answer) => done(answer.statusCode ?? 0))
      .on('error', fail)
      .end('{}');
  });
  expect(forged).toBe(403);
  const { headers } = await portal.ask('/api/alerts');
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'/);
  expect(headers['cache-control']).toBe('no-store');
});

test('the packets of an alert are exactly those of its flow, and the download is audited', async () => {
  await portal.login('anna');
  const answer = await portal.ask(`/api/packets?alert=${await idOf('sid 2000001')}`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="alert-20260601T120000Z-0\.pcapng"$/);
  const payloads: number[] = [];
  const source = (async function* () {
    yield answer.body;
  })();
  for await (const packet of readCapture(source)) payloads.push(packet.data.at(-1) ?? -1);
  expect(payloads).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const audit = readFileSync(`${portal.paths.stateDir('portal')}/audit.log`, 'utf8')
    .trim()
    .split('\n');
  expect(audit.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
    { what: 'packets', account: 'anna', from: '127.0.0.1', flow: '10.0.0.5,50000,192.0.2.9,443,tcp' },
    { what: 'packets-done', bytes: answer.body.length, result: 'whole' },
  ]);
});

test('where there are no packets the store says why; who may not download is told so', async () => {
  const none = await portal.ask(`/api/packets?alert=${await idOf('sid 2000002')}`);
  expect(none.status).toBe(404);
  expect(JSON.parse(none.body.toString()).message).toMatch(/no packets: .*packets are stored from 2026-06-01T12/);
  await portal.login('bert');
  const denied = await portal.ask(`/api/packets?alert=${await idOf('sid 2000001')}`);
  expect(denied.status).toBe(403);
  expect(JSON.parse(denied.body.toString()).message).toMatch(/mss account allow-packets bert/);
});

test('asking for headers alone begins nothing: it would never be read to its end', async () => {
  await portal.login('anna');
  const download = `/api/packets?alert=${await idOf('sid 2000001')}`;
  for (const path of [...Array<string>(3).fill(download), ...Array<string>(33).fill('/api/live')]) {
    expect([path, (await portal.ask(path, { method: 'HEAD' })).status]).toEqual([path, 400]);
  }
  expect((await portal.ask('/', { method: 'HEAD' })).status).toBe(404); // no pages were built
  expect((await portal.ask(download)).status).toBe(200);
});

test('the live view brings what matches as it is stored, and goes on after', async () => {
  await portal.login('anna');
  const seen: number[] = [];
  const live = await new Promise<{ destroy(): void; until(sid: number): Promise<void> }>((done, fail) => {
    let rest = '';
    let wake = () => {};
    const path = `/api/live?q=${encodeURIComponent('severity <=2')}`;
    const headers = { cookie: portal.cookie };
    request({ host: '127.0.0.1', port: portal.port, path, headers, rejectUnauthorized: false }, (answer) => {
      answer.setEncoding('utf8').on('data', (text: string) => {
        rest += text;
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
          const [, event, data] = /^event: (\w+)\ndata: (.*)$/m.exec(rest.slice(0, end)) ?? [];
          rest = rest.slice(end + 2);
          if (event === 'rows') seen.push(...sids(JSON.parse(data)));
          if (event === 'begin') {
            const until = async (sid: number) => {
              while (!seen.includes(sid)) {
                await new Promise<void>((next) => {
                  wake = next;
                });
              }
            };
            done({ destroy: () => answer.destroy(), until });
          }
        }
        wake();
      });
    })
      .on('error', fail)
      .end();
  });
  portal.append(
    'ids',
    alertEvent({ sid: 31, severity: 1 }),
    alertEvent({ sid: 32, severity: 3 }),
    alertEvent({ sid: 33, severity: 2 }),
  );
  await live.until(33);
  portal.append('ids', alertEvent({ sid: 34, severity: 1 }));
  await live.until(34);
  live.destroy();
  expect(seen).toEqual([31, 33, 34]);
  stored += 4;
  await portal.waitForStatus(({ counters }) => counters.storedRecords >= stored);
});

test('the socket needs no login, is closed to others, and gives out no packets', async () => {
  const { status, body } = await askUnixSocket(portal.paths.portalSocket, '/api/alerts?limit=1', 10_000);
  expect(status).toBe(200);
  expect((JSON.parse(body) as { rows: unknown[] }).rows).toHaveLength(1);
  expect(statSync(portal.paths.portalSocket).mode & 0o777).toBe(0o660);
  const packets = await askUnixSocket(portal.paths.portalSocket, '/api/packets?alert=1.1', 10_000);
  expect([packets.status, packets.body]).toEqual([403, expect.stringContaining('mss packets')]);
  await expect(askUnixSocket(`${portal.root}/none.sock`, '/', 1000)).rejects.toThrow(/mss-portal is not running/);
});

test('the loss ledger: rows, gaps and sums of both paths; wrong questions name the parameter', async () => {
  const minute = Math.floor(Date.now() / 60_000) - 5;
  const counts = { ...noCounts(STORED_COUNTS), offered: 9, stored: 7, lostInRing: 2 };
  new LedgerWriter(portal.paths.ledgerDir('capture'), STORED_COUNTS).append({ minute, seconds: 60, counts });
  const answer = (await portal.json('/api/ledger?last=2h&rows=1')) as unknown as LedgerAnswer;
  expect(answer.rows).toMatchObject([{ fromMs: minute * 60_000, stored: { counts: { offered: 9, lostInRing: 2 } } }]);
  expect(answer.rows[0].inspected).toBeUndefined();
  expect(answer.gaps[0]).toMatchObject({ path: 'inspected', fromMs: minute * 60_000, why: 'mss-ids did not count' });
  expect(answer.ever).toMatchObject({ sinceMs: minute * 60_000, stored: { counts: { stored: 7 } } });
  for (const [query, what] of [
    ['q=tcp', '"q" is no parameter'],
    ['rows=0', 'rows "0"'],
    ['last=1h&from=-2h', 'not both'],
    ['from=soon', '"soon" is not a time'],
    ['from=-1h&to=-2h', 'ends before it begins'],
  ]) {
    const refused = await portal.ask(`/api/ledger?${query}`);
    expect([refused.status, refused.body.toString()]).toEqual([
      400,
      expect.stringContaining(what.replaceAll('"', '\\"')),
    ]);
  }
});

test('a removed account is out at once; client mode closes the port at a reload', async () => {
  await portal.login('bert');
  expect((await portal.ask('/api/alerts')).status).toBe(200);
  const accounts = JSON.parse(readFileSync(portal.paths.accountsFile, 'utf8')) as { accounts: { name: string }[] };
  writeFileSync(
    portal.paths.accountsFile,
    JSON.stringify({ accounts: accounts.accounts.filter(({ name }) => name !== 'bert') }),
  );
  expect((await portal.ask('/api/alerts')).status).toBe(401);
  configure({ serverMode: false });
  portal.signal('SIGHUP');
  await portal.waitForStatus(({ detail }) => (detail.ports as number[]).length === 0);
  // a connection that was kept open may learn of its end only now
  await portal.ask('/api/session').catch(() => {});
  await expect(portal.ask('/api/session')).rejects.toThrow(/ECONNREFUSED/);
  expect((await askUnixSocket(portal.paths.portalSocket, '/api/alerts', 10_000)).status).toBe(200);
});

test('killed and started again it stores nothing twice; it stops cleanly', async () => {
  await portal.stop('SIGKILL');
  portal.append('ids', alertEvent({ sid: 99 }));
  await portal.start();
  await portal.waitForStatus(({ counters }) => counters.storedRecords === 1);
  const { body } = await askUnixSocket(portal.paths.portalSocket, '/api/alerts?limit=1000', 10_000);
  const all = sids(JSON.parse(body) as Record<string, unknown>);
  expect(all).toHaveLength(8);
  expect(new Set(all).size).toBe(8);
  expect(await portal.stop()).toBe(0);
});
