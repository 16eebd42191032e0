// Mails to a real SMTP server and calls to a real web server on loopback: what arrives, and what waits while they are down.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Incident } from '../../../src/api/incident.ts';
import { parseSensorConfig } from '../../../src/config/parse.ts';
import { bringLetter } from '../../../src/ids/mail/bring-letter.ts';
import { Mailer } from '../../../src/ids/mail/mailer.ts';
import { Outbox } from '../../../src/ids/mail/outbox.ts';
import { planServer } from '../../../src/ids/mail/plan-server.ts';
import type { Service } from '../../../src/os/run-service.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { Digest, type Letter } from '../../../src/respond/mail/digest.ts';
import { occasionOf } from '../../../src/respond/occasion.ts';

let dir: string;
const closers: (() => void)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-mail-'));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(dir, { recursive: true, force: true });
});

const incident: Incident = {
  id: 'i1',
  host: '192.0.2.7',
  score: 1.25,
  rank: 60,
  phases: ['exploit', 'c2'],
  firstUs: 1_700_000_000_000_000,
  lastUs: 1_700_000_100_000_000,
  state: 'open',
  evidence: [
    {
      timeUs: 1_700_000_000_000_000,
      phase: 'exploit',
      detector: 'alert',
      summary: 'EXPLOIT <script>alert(1)</script> \u001b[2J',
      src_ip: '198.51.100.9',
      dest_ip: '192.0.2.7',
    },
  ],
  evidenceDropped: 0,
};
const letterOf = (change: Partial<Incident> = {}): Letter => {
  const digest = new Digest();
  const event = { type: 'incident' as const, timeUs: incident.lastUs, incident: { ...incident, ...change } };
  const occasion = occasionOf(event);
  if (occasion === undefined) throw new Error('an open incident is an occasion');
  digest.add(occasion, 0);
  return digest.take(60_000, 60_000)[0];
};

/** An SMTP server that takes everything; answers its port and the messages as they come. */
async function startSmtp(port = 0): Promise<{ port: number; next: () => Promise<string>; received: string[] }> {
  const received: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        received.push(text);
        waiting.shift()?.(text);
        done();
      });
    },
  });
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  closers.push(() => server.close());
  const next = () => new Promise<string>((resolve) => waiting.push(resolve));
  return { port: (server.server.address() as AddressInfo).port, next, received };
}

const configOf = (mail: object) => parseSensorConfig({ sensor: { name: 'hq' }, mail });
const body = (message: string, type: string): string => {
  const part = message.split(/\r\n--[^\r\n]+/).find((piece) => piece.includes(`Content-Type: ${type}`)) ?? '';
  return part
    .slice(part.indexOf('\r\n\r\n') + 4)
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
};

test('an incident arrives as text and HTML, with links, and with what the network sent made harmless', async () => {
  const { port, received } = await startSmtp();
  const config = configOf({ to: 'soc@example.org', server: `127.0.0.1:${port}`, pageUrl: 'https://192.0.2.1:3001' });
  expect(await bringLetter('mail', letterOf(), config)).toMatch(/^250 /);
  const [message] = received;
  expect(message).toMatch(/^To: soc@example.org\r$/m);
  expect(message).toMatch(/Subject: \[hq\] Incident on 192.0.2.7: exploit, c2 \(rank 60\)\r\n/);
  const text = body(message, 'text/plain');
  expect(text).toContain(
    '2023-11-14 22:13:20 UTC 198.51.100.9 -> 192.0.2.7: EXPLOIT <script>alert(1)</script> \\x1b[2J',
  );
  expect(text).toContain('https://192.0.2.1:3001/?q=host%20198.51.100.9');
  const html = body(message, 'text/html');
  // readable where a mail program is dark
  expect(html).toMatch(/<meta name="color-scheme" content="light dark">[\s\S]*prefers-color-scheme: dark/);
  expect(html).toContain('EXPLOIT &lt;script&gt;alert(1)&lt;/script&gt; \\x1b[2J');
  expect(html).toContain('href="https://192.0.2.1:3001/?q=host%20192.0.2.7"');
});

test('emailtype=text sends no HTML; a webhook gets the letter as JSON', async () => {
  const smtp = await startSmtp();
  const calls: string[] = [];
  const web = createServer((request, response) => {
    let json = '';
    request.on('data', (chunk) => {
      json += chunk;
    });
    request.on('end', () => {
      calls.push(json);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  closers.push(() => web.close());
  const webhook = `http://127.0.0.1:${(web.address() as AddressInfo).port}/hook`;
  const config = configOf({ to: 'a@example.org', format: 'text', server: `127.0.0.1:${smtp.port}`, webhook });
  await bringLetter('mail', letterOf(), config);
  expect(smtp.received[0]).not.toContain('text/html');
  expect(await bringLetter('webhook', letterOf(), config)).toBe('204 No Content');
  expect(JSON.parse(calls[0])).toMatchObject({ sensor: 'hq', topic: 'incidents', occasions: [{ key: 'i1' }] });
});

test('a closed incident is no occasion', () => {
  const event = { type: 'incident' as const, timeUs: 1, incident: { ...incident, state: 'closed' as const } };
  expect(occasionOf(event)).toBeUndefined();
});

/** As much of a service as the mailer asks for. */
function serviceUntil(signal: AbortSignal): { service: Service; warnings: string[]; warned: Promise<void> } {
  const warnings: string[] = [];
  let tell = () => {};
  const warned = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const warn = (text: string) => {
    warnings.push(text);
    tell();
  };
  return { service: { signal, counters: {}, warn } as unknown as Service, warnings, warned };
}

test('a letter waits on disk while the server is down, and goes out after a restart', async () => {
  const at = pathsUnder(dir);
  const down = configOf({ to: 'soc@example.org', server: '127.0.0.1:1' }); // nothing listens on tcpmux here
  const first = new AbortController();
  const before = serviceUntil(first.signal);
  new Outbox(join(at.stateDir('ids'), 'outbox')).put({ way: 'mail', letter: letterOf() });
  const running = new Mailer(before.service, at, down, () => {}).run();
  await before.warned;
  first.abort();
  await running;
  expect(before.warnings[0]).toMatch(/no mail to soc@example.org through 127.0.0.1:1: .*1 wait, next try in 1 min/);

  const smtp = await startSmtp();
  const second = new AbortController();
  const after = serviceUntil(second.signal);
  const arrived = smtp.next();
  const config = configOf({ to: 'soc@example.org', server: `127.0.0.1:${smtp.port}` });
  const again = new Mailer(after.service, at, config, () => {}).run();
  expect(await arrived).toContain('Incident on 192.0.2.7');
  second.abort();
  await again;
  expect(new Outbox(join(at.stateDir('ids'), 'outbox')).length).toBe(0);
});

test('what was gathered is on disk before the bookmark says it was seen', () => {
  const at = pathsUnder(dir);
  const { service } = serviceUntil(new AbortController().signal);
  const mailer = new Mailer(service, at, configOf({ to: 'soc@example.org' }), () => {});
  mailer.offer({ type: 'incident', timeUs: incident.lastUs, incident });
  mailer.offer({ type: 'notice', timeUs: 1, service: 'ids', level: 'info', text: 'nothing to wake anybody for' });
  mailer.keep();
  const state = JSON.parse(readFileSync(join(at.stateDir('ids'), 'digest.json'), 'utf8'));
  expect(Object.keys(state)).toEqual(['incidents']);
});

test('a broken letter is given up and counted; the queue keeps the newest', () => {
  const outbox = new Outbox(join(dir, 'outbox'));
  for (let i = 0; i < 201; i++) outbox.put({ way: 'mail', letter: letterOf({ host: `192.0.2.${i}` }) });
  expect([outbox.length, outbox.dropped]).toEqual([200, 1]);
  expect(outbox.first('mail')?.letter.occasions[0].title).toContain('192.0.2.1:');
  expect(outbox.first('webhook')).toBeUndefined();
});

test.each([
  ['', '127.0.0.1', 25],
  ['mail.example.org', 'mail.example.org', 25],
  ['mail.example.org:587', 'mail.example.org', 587],
  ['[2001:db8::1]:465', '2001:db8::1', 465],
])('mail.server "%s" is %s port %d', (server, host, port) => {
  expect(planServer(configOf({ server }).mail)).toMatchObject({ host, port });
});
