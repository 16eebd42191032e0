// TLS on the TCP port: beside plain syslog, alone, and with the senders' certificates asked for.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readTlsSetup } from '../../src/os/syslog/tls-setup.ts';
import { Listeners } from '../../src/syslog-x/listeners.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-tls-'));
  for (const name of ['server', 'sender', 'stranger']) {
    const files = ['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.crt`)];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', ...kind, '-subj', `/CN=${name}`, ...files], { stdio: 'ignore' });
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let listeners: Listeners;
let got: string[];
let warnings: string[];
let port: number;
beforeEach(async () => {
  got = [];
  warnings = [];
  listeners = new Listeners(
    new Map(),
    (bytes, sender, transport) => got.push(`${transport} ${sender} ${bytes}`),
    (text) => warnings.push(text),
  );
  await listeners.follow([{ transport: 'tcp', port: 0 }]);
  port = listeners.ports[0].port;
});
afterEach(() => listeners.drain(500));

const setup = (more: { clientCa?: string; only?: boolean } = {}) =>
  readTlsSetup({
    certificate: join(dir, 'server.crt'),
    key: join(dir, 'server.key'),
    clientCa: more.clientCa === undefined ? '' : join(dir, more.clientCa),
    only: more.only ?? false,
  });
const identity = (name: string) => ({
  cert: readFileSync(join(dir, `${name}.crt`)),
  key: readFileSync(join(dir, `${name}.key`)),
});

/** Sends a line by TLS; resolves when the connection is over. */
async function sendTls(line: string, options: ConnectionOptions = {}): Promise<void> {
  const socket = connectTls({ port, host: '127.0.0.1', ca: readFileSync(join(dir, 'server.crt')), ...options });
  socket.on('error', () => {});
  const closed = new Promise((done) => socket.once('close', done));
  socket.once('secureConnect', () => socket.end(line));
  socket.resume();
  await closed;
}
async function sendPlain(line: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.end(line);
  await once(socket, 'close');
}
const trusting: ConnectionOptions = { checkServerIdentity: () => undefined };

test('TLS and plain senders on one port, framed either way', async () => {
  listeners.setTls(setup());
  await sendTls('<13>one\n<13>two', trusting);
  await sendTls('7 <13>3\n4', trusting);
  await sendPlain('<13>plain\n');
  await expect.poll(() => got.length).toBe(4);
  expect(got).toEqual([
    'tls 127.0.0.1 <13>one',
    'tls 127.0.0.1 <13>two',
    'tls 127.0.0.1 <13>3\n4',
    'tcp 127.0.0.1 <13>plain',
  ]);
  await expect.poll(() => listeners.connections).toBe(0);
});

test('TLS only: a plain sender is refused, counted and told of once; without a certificate a TLS sender is', async () => {
  listeners.setTls(setup({ only: true }));
  await sendPlain('<13>plain\n');
  await sendPlain('<13>plain\n');
  await sendTls('<13>secret\n', trusting);
  await expect.poll(() => got).toEqual(['tls 127.0.0.1 <13>secret']);
  expect([listeners.refusedConnections, warnings.length]).toEqual([2, 1]);
  expect(warnings[0]).toContain('127.0.0.1 was refused: it sends no TLS (logs.tlsOnly)');
  listeners.setTls(undefined);
  await sendTls('<13>lost\n', trusting);
  expect(listeners.refusedConnections).toBe(3);
  expect(got.length).toBe(1);
});

test('with a CA of the senders, only those that it signed', async () => {
  listeners.setTls(setup({ clientCa: 'sender.crt' }));
  await sendTls('<13>stranger\n', { ...trusting, ...identity('stranger') });
  await sendTls('<13>nobody\n', trusting);
  await sendTls('<13>known\n', { ...trusting, ...identity('sender') });
  await expect.poll(() => got).toEqual(['tls 127.0.0.1 <13>known']);
  expect(listeners.failedHandshakes).toBe(2);
  expect(warnings.length).toBeGreaterThan(0);
});

test('a handshake that is garbage costs nothing but a count', async () => {
  listeners.setTls(setup());
  await sendPlain('\u0016\u0003\u0001garbage that is no handshake at all');
  await expect.poll(() => listeners.failedHandshakes).toBe(1);
  expect(listeners.connections).toBe(0);
});

test.each([
  ['logs.tlsCertificate: /nowhere', { certificate: '/nowhere', key: 'server.key' }],
  ['logs.tlsKey: no file is named', { certificate: 'server.crt', key: '' }],
  ['do not go together', { certificate: 'server.crt', key: 'sender.key' }],
  ['logs.tlsCertificate', { certificate: 'no.crt', key: 'server.key' }],
])('a faulty file is named: %s', (text, files) => {
  writeFileSync(join(dir, 'no.crt'), 'no certificate');
  const path = (name: string) => (name === '' || name.startsWith('/') ? name : join(dir, name));
  const setting = { certificate: path(files.certificate), key: path(files.key), clientCa: '', only: false };
  expect(() => readTlsSetup(setting)).toThrow(text);
});

test('TLS 1.3 without session tickets where OpenSSL is configured so, as the unit does; else TLS 1.2', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { connect, createServer } from 'node:tls';
    import { readTlsSetup } from '${resolve('src/os/syslog/tls-setup.ts')}';
    const [certificate, key] = process.argv.slice(1);
    const { options } = readTlsSetup({ certificate, key, clientCa: '', only: false });
    const server = createServer(options, (stream) => stream.end('done')).listen(0, () => {
      const socket = connect({ port: server.address().port, ca: readFileSync(certificate), checkServerIdentity() {} });
      let tickets = 0;
      socket.on('session', () => tickets++);
      socket.on('end', () => {
        console.log(socket.getProtocol(), tickets);
        server.close();
      });
      socket.resume();
    });`;
  const run = (OPENSSL_CONF: string) =>
    execFileSync(
      process.execPath,
      ['--input-type=module', '-e', script, join(dir, 'server.crt'), join(dir, 'server.key')],
      { env: { OPENSSL_CONF }, encoding: 'utf8' },
    ).trim();
  expect(run('services/syslog-x/openssl/syslog-x.cnf')).toBe('TLSv1.3 0');
  expect(run('')).toMatch(/^TLSv1.2 /);
  const unit = readFileSync('services/syslog-x/mss-syslog-x.service', 'utf8');
  expect(unit).toContain('Environment=OPENSSL_CONF=/nsm/current/openssl/syslog-x.cnf');
});
