// The senders that sites really have, each connecting to syslog-x by UDP, TCP and TLS; and a restart under load.
// rsyslog, syslog-ng and loggen come from Debian's packages, unpacked under build/; without apt-get there is no test.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogRecord } from '../../src/api/log-record.ts';
import { START } from '../../src/spool/bookmark.ts';
import { readBatch } from '../../src/spool/reader.ts';
import { type Peers, unpackPeers } from '../../tools/bench/syslog/peers.ts';
import { type Receiver, startOurs, startReceiver } from '../../tools/bench/syslog/receivers.ts';
import { figure, findProgram } from '../../tools/shell.ts';

const MANY = 500;
const hasApt = findProgram('apt-get') !== undefined;
const isRoot = process.getuid?.() === 0;

let parent: string;
let peers: Peers;
let receiver: Receiver;
const children: ChildProcess[] = [];

beforeAll(async () => {
  if (!hasApt) return;
  parent = mkdtempSync(join(tmpdir(), 'mss-senders-'));
  peers = await unpackPeers();
  const files = ['-keyout', join(parent, 'key'), '-out', join(parent, 'crt')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, '-subj', '/CN=127.0.0.1', ...files], { stdio: 'ignore' });
  const logs = { tlsCertificate: join(parent, 'crt'), tlsKey: join(parent, 'key') };
  mkdirSync(join(parent, 'ours/var/lib/mss'), { recursive: true });
  writeFileSync(join(parent, 'ours/var/lib/mss/desired.json'), JSON.stringify({ logs }));
  receiver = await startReceiver('ours', parent, startOurs);
}, 600_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await receiver?.stop();
  if (parent !== undefined) rmSync(parent, { recursive: true, force: true });
});

function stored(root = 'ours'): LogRecord[] {
  const records: LogRecord[] = [];
  for (let from = START; ; ) {
    const batch = readBatch(join(parent, root, 'var/spool/mss/syslog-x'), 'syslog-x', from);
    for (const { event } of batch.records) if (event.type === 'log') records.push(event.log);
    if (batch.next.record === from.record && batch.next.offset === from.offset) return records;
    from = batch.next;
  }
}

/** Waits for the messages that hold `word`, once each. */
async function received(word: string, count: number): Promise<LogRecord[]> {
  const find = () => stored().filter(({ message }) => message.includes(word));
  await expect.poll(() => find().length, { timeout: 60_000, interval: 200 }).toBe(count);
  expect(new Set(find().map(({ message }) => message)).size).toBe(count);
  return find();
}

function start(program: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'inherit'] });
  children.push(child);
  return child;
}

test.skipIf(!hasApt)('util-linux logger, UDP and TCP, both formats (skips without apt-get)', async () => {
  const lines = join(parent, 'logger-lines');
  for (const [i, args] of [['-d', '--rfc3164'], ['-d'], ['-T', '--rfc3164'], ['-T', '--octet-count']].entries()) {
    writeFileSync(lines, Array.from({ length: MANY }, (_, n) => `from-logger-${i} ${n}\n`).join(''));
    const port = String(args[0] === '-d' ? receiver.udp : receiver.tcp);
    execFileSync('logger', ['-n', '127.0.0.1', '-P', port, '-t', 'case', ...args, '-f', lines]);
    const records = await received(`from-logger-${i} `, MANY);
    expect(records.every(({ app, sender }) => app === 'case' && sender === '127.0.0.1')).toBe(true);
  }
});

test.skipIf(!hasApt)('rsyslog by UDP, TCP in both framings, and TLS (skips without apt-get)', async () => {
  const input = join(parent, 'rsyslog.sock');
  const tcp = `target="127.0.0.1" port="${receiver.tcp}" protocol="tcp"`;
  const tls =
    'StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="127.0.0.1"';
  const config = join(parent, 'rsyslog.conf');
  writeFileSync(
    config,
    [
      `global(workDirectory="${parent}" DefaultNetstreamDriverCAFile="${join(parent, 'crt')}")`,
      'module(load="imuxsock" sysSock.use="off")',
      `input(type="imuxsock" socket="${input}" ruleset="out" RateLimit.Interval="0")`,
      'ruleset(name="out") {',
      `action(type="omfwd" target="127.0.0.1" port="${receiver.udp}" protocol="udp")`,
      `action(type="omfwd" ${tcp} template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted")`,
      `action(type="omfwd" ${tcp} template="RSYSLOG_ForwardFormat")`,
      `action(type="omfwd" ${tcp} template="RSYSLOG_SyslogProtocol23Format" ${tls})`,
      '}',
      '',
    ].join('\n'),
  );
  const args = ['-n', '-f', config, '-i', join(parent, 'rsyslog.pid'), '-M', peers.rsyslogModules];
  start(peers.rsyslogd, args, peers.env);
  await expect.poll(() => existsSync(input), { timeout: 30_000 }).toBe(true);
  const lines = join(parent, 'rsyslog-lines');
  writeFileSync(lines, Array.from({ length: MANY }, (_, n) => `from-rsyslog ${n}\n`).join(''));
  execFileSync('logger', ['-u', input, '-t', 'case', '-f', lines]);
  const find = () => stored().filter(({ message }) => message.includes('from-rsyslog'));
  await expect.poll(() => find().length, { timeout: 60_000, interval: 200 }).toBe(4 * MANY);
  const by = (wanted: LogRecord['transport']) => find().filter(({ transport }) => transport === wanted).length;
  expect([by('udp'), by('tcp'), by('tls')]).toEqual([MANY, 2 * MANY, MANY]);
});

test.skipIf(!hasApt)('syslog-ng by UDP, TCP, RFC 5424 with counts, and TLS (skips without apt-get)', async () => {
  const input = join(parent, 'ng-lines');
  const network = (name: string, options: string) => `destination ${name} { ${options} };`;
  const lines = Array.from({ length: MANY }, (_, n) => `from-syslog-ng ${n}\n`).join('');
  writeFileSync(input, lines);
  const config = join(parent, 'syslog-ng.conf');
  writeFileSync(
    config,
    [
      '@version: 3.35',
      `source s { file("${input}" flags(no-parse) follow-freq(1) program-override("case")); };`,
      network('udp', `network("127.0.0.1" port(${receiver.udp}) transport(udp));`),
      network('tcp', `network("127.0.0.1" port(${receiver.tcp}) transport(tcp) persist-name("tcp"));`),
      network('counted', `syslog("127.0.0.1" port(${receiver.tcp}) transport(tcp) persist-name("counted"));`),
      network(
        'tls',
        `syslog("127.0.0.1" port(${receiver.tcp}) transport(tls) tls(peer-verify(no)) persist-name("tls"));`,
      ),
      'log { source(s); destination(udp); destination(tcp); destination(counted); destination(tls); };',
      '',
    ].join('\n'),
  );
  const state = ['ng.persist', 'ng.pid', 'ng.control'].map((name) => join(parent, name));
  const args = ['-F', '-f', config, '-R', state[0], '-p', state[1], '-c', state[2], '--no-caps'];
  start(peers.syslogNg, [...args, '--module-path', peers.syslogNgModules], peers.env);
  const find = () => stored().filter(({ message }) => message.includes('from-syslog-ng'));
  await expect.poll(() => find().length, { timeout: 60_000, interval: 200 }).toBe(4 * MANY);
  const by = (wanted: LogRecord['transport']) => find().filter(({ transport }) => transport === wanted).length;
  expect([by('udp'), by('tcp'), by('tls')]).toEqual([MANY, 2 * MANY, MANY]);
});

test.skipIf(!hasApt)('openssl s_client and loggen by TLS (skips without apt-get)', async () => {
  const text = Array.from({ length: MANY }, (_, n) => `<13>Nov 24 10:00:00 h case: from-openssl ${n}\n`).join('');
  const client = start('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${receiver.tcp}`,
    '-tls1_3',
    '-quiet',
    '-no_ign_eof',
  ]);
  client.stdin?.end(text);
  expect((await received('from-openssl', MANY)).every(({ transport }) => transport === 'tls')).toBe(true);

  const before = receiver.stored;
  const pace = ['--number', '2000', '--rate', '1000000', '--interval', '60', '--quiet'];
  const target = ['127.0.0.1', String(receiver.tcp)];
  execFileSync(peers.loggen, ['--use-ssl', ...pace, ...target], { env: { ...process.env, ...peers.env } });
  await expect.poll(() => receiver.stored - before, { timeout: 60_000 }).toBe(2000);
});

test.skipIf(!hasApt)('a Cisco-style sender: sequence number, clock mark, no host (skips without apt-get)', async () => {
  const line = '<189>412: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.9)';
  execFileSync('bash', ['-c', `printf '%s' "$1" > /dev/udp/127.0.0.1/${receiver.udp}`, 'bash', line]);
  const [record] = await received('Configured from console', 1);
  expect(record).toMatchObject({ app: 'SYS', msgId: 'CONFIG_I', severity: 5, decoder: 'cisco-ios' });
});

test.skipIf(!hasApt || !isRoot)(
  "busybox's syslogd and logger (skips without apt-get, or root for a /dev of its own)",
  async () => {
    const { busybox } = peers;
    const send = `mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && { ${busybox} syslogd -n -R 127.0.0.1:${receiver.udp} & }
      for i in $(seq 50); do [ -S /dev/log ] && break; sleep 0.1; done
      for i in $(seq 20); do ${busybox} logger -t case "from-busybox $i"; done; sleep 1; kill $!`;
    expect(spawnSync('unshare', ['--mount', 'sh', '-c', send], { timeout: 60_000 }).error).toBeUndefined();
    expect((await received('from-busybox', 20)).every(({ app }) => app === 'case')).toBe(true);
  },
);

test.skipIf(!hasApt)(
  'stopped and started again under TCP load, nothing that was sent is lost (skips without apt-get)',
  async () => {
    const ports = { udp: 0, tcp: 0 };
    const fixed: typeof startOurs = (folder, found) => {
      // the second start takes the ports of the first
      ports.udp ||= found.udp;
      ports.tcp ||= found.tcp;
      Object.assign(found, ports);
      return startOurs(folder, found);
    };
    const first = await startReceiver('restarted', parent, fixed);
    let next = 0;
    let stopping = false;
    let unread = 0;
    /** Writes numbered lines until the peer closes its side, as a sender that looks does. */
    const sendUntilClosed = async () => {
      const socket = connect({ port: ports.tcp, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      let open = true;
      socket.once('end', () => {
        open = false;
      });
      while (open && !stopping) {
        let text = '';
        for (let i = 0; i < 50; i++) text += `<13>Nov 24 10:00:00 h case: number ${next++}\n`;
        await new Promise((done) => socket.write(text, done));
      }
      unread += socket.writableLength;
      socket.end();
      await once(socket, 'close');
    };
    const sending = sendUntilClosed();
    await expect.poll(() => first.stored, { timeout: 30_000 }).toBeGreaterThan(20_000);
    await first.stop();
    await sending;
    const atStop = next;
    const second = await startReceiver('restarted', parent, fixed);
    const again = sendUntilClosed();
    await expect.poll(() => second.stored, { timeout: 30_000 }).toBeGreaterThan(atStop);
    stopping = true;
    await again;
    await expect.poll(() => second.stored, { timeout: 30_000 }).toBe(next - unread);
    await second.stop();
    const numbers = new Set(stored('restarted').map(({ message }) => message));
    figure('syslog_restart_sent', next, 'messages');
    figure('syslog_restart_lost', next - numbers.size, 'messages');
    expect(numbers.size).toBe(next);
  },
);
