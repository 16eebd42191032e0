// syslog-x as a process of its own, with the senders that are really in use.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogRecord } from '../../src/api/log-record.ts';
import type { ServiceStatus } from '../../src/api/status.ts';
import { START } from '../../src/spool/bookmark.ts';
import { readBatch } from '../../src/spool/reader.ts';

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

let root: string;
let script: string;
let children: ChildProcess[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-syslog-x-'));
  script = join(root, 'service.ts');
  children = [];
  // the service as main.ts wires it, on ports that are free here
  writeFileSync(
    script,
    `import { listenFds } from '${resolve('src/os/listen-fds.ts')}';
     import { compileDecoders } from '${resolve('src/logs/normalize.ts')}';
     import { loadDecoders } from '${resolve('src/os/decoder-files.ts')}';
     import { loadConfig } from '${resolve('src/os/config-file.ts')}';
     import { runService } from '${resolve('src/os/run-service.ts')}';
     import { loadLogRuleset } from '${resolve('src/os/log-rule-files.ts')}';
     import { paths } from '${resolve('src/paths.ts')}';
     import { runSyslogX } from '${resolve('src/syslog-x/service.ts')}';
     const inherited = listenFds();
     const [passed] = [...inherited.keys()].map((name) => name.split('-'));
     const ports = passed === undefined
       ? [{ transport: 'udp', port: 0 }, { transport: 'tcp', port: 0 }]
       : [{ transport: passed[0], port: Number(passed[1]) }];
     runService('syslog-x', (service) => runSyslogX(service, {
       spoolDir: paths.spoolDir('syslog-x'), loadLogs: () => loadConfig().config.logs, inherited, ports,
       sniffed: { spoolDir: paths.sniffedLogsDir, bookmarkFile: paths.stateDir('syslog-x') + '/sniffed-logs.json' },
       forwardBookmarkFile: paths.stateDir('syslog-x') + '/forward.json',
       loadClassify: () => () => undefined,
       loadNormalize: () => compileDecoders(loadDecoders('${resolve('services/syslog-x/decoders')}')),
       rules: {
         load: (logs) => loadLogRuleset({ release: '${resolve('services/syslog-x/sigma')}', own: paths.localLogRulesDir }, logs),
         memoryFile: paths.stateDir('syslog-x') + '/log-rules.json',
       },
     }));`,
  );
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const env = () => ({ PATH: process.env.PATH, MSS_ROOT: root });
function run(program: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { env: env(), stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  return child;
}

const status = (): ServiceStatus | undefined => {
  const file = join(root, 'run/mss/status/syslog-x.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};
const counter = (name: string): number => status()?.counters[name] ?? 0;
const poll = (read: () => unknown) => expect.poll(read, { timeout: 20_000, interval: 50 });

/** Waits until the service is up; answers its ports. */
async function whenUp(): Promise<{ udp: number; tcp: number }> {
  await poll(() => (status()?.detail.ports as unknown[] | undefined)?.length).toBe(2);
  const ports = status()!.detail.ports as { name: string; port: number }[];
  return {
    udp: ports.find(({ name }) => name.startsWith('udp'))!.port,
    tcp: ports.find(({ name }) => name.startsWith('tcp'))!.port,
  };
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}

function stored(): LogRecord[] {
  const records: LogRecord[] = [];
  for (let from = START; ; ) {
    const batch = readBatch(join(root, 'var/spool/mss/syslog-x'), 'syslog-x', from);
    if (batch.records.length === 0) return records;
    for (const { event } of batch.records) if (event.type === 'log') records.push(event.log);
    from = batch.next;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('logger by UDP and TCP, in both formats, framed by line and by count', async () => {
  const child = run(process.execPath, [script]);
  const { udp, tcp } = await whenUp();
  const logger = (...args: string[]) =>
    execFileSync('logger', ['-n', '127.0.0.1', '-t', 'case', '-p', 'auth.warning', ...args]);
  logger('-d', '-P', String(udp), '--rfc3164', 'udp 3164');
  logger('-d', '-P', String(udp), '--rfc5424', 'udp 5424');
  logger('-T', '-P', String(tcp), '--rfc3164', 'tcp 3164');
  logger('-T', '-P', String(tcp), '--rfc5424', 'tcp 5424');
  logger('-T', '-P', String(tcp), '--rfc5424', '--octet-count', 'counted\ntcp 5424');
  logger('-T', '-P', String(tcp), '-t', 'sshd', 'Invalid user guest from 203.0.113.9 port 40022');
  logger('-T', '-P', String(tcp), '--rfc5424', '--sd-id', 'x@1', '--sd-param', 'k="v"', 'with data');
  await poll(() => counter('receivedMessages')).toBe(7);
  await stop(child);

  const records = stored();
  const decoded = records.filter(({ decoder }) => decoder !== undefined);
  expect(decoded).toMatchObject([
    { decoder: 'sshd', fields: { user: 'guest', source: '203.0.113.9', action: 'login' } },
  ]);
  const others = records.filter(({ decoder }) => decoder === undefined);
  expect(others.map(({ message, format, transport }) => [message, format, transport]).sort()).toEqual([
    ['counted\ntcp 5424', '5424', 'tcp'],
    ['tcp 3164', '3164', 'tcp'],
    ['tcp 5424', '5424', 'tcp'],
    ['udp 3164', '3164', 'udp'],
    ['udp 5424', '5424', 'udp'],
    ['with data', '5424', 'tcp'],
  ]);
  for (const record of others) {
    expect(record).toMatchObject({ sender: '127.0.0.1', app: 'case', facility: 4, severity: 4 });
    expect(Math.abs(record.timeUs - record.arrivedUs)).toBeLessThan(60e6);
  }
  expect(records.find(({ message }) => message === 'with data')?.structuredData?.['x@1']).toEqual({ k: 'v' });
  expect(status()).toMatchObject({
    state: 'stopped',
    counters: { parsedMessages: 7, rawMessages: 0, decodedMessages: 1, droppedMessages: 0 },
    detail: { sources: [{ address: '127.0.0.1', receivedMessages: 7 }] },
  });
});

test('a clean stop keeps everything a TCP sender had sent, the unfinished line too', async () => {
  const child = run(process.execPath, [script]);
  const { tcp } = await whenUp();
  const socket = connect(tcp, '127.0.0.1');
  await once(socket, 'connect');
  const lines = Array.from({ length: 20_000 }, (_, i) => `<13>Nov 24 09:00:00 h app[1]: number ${i}`).join('\n');
  await new Promise((sent) => socket.write(lines, sent));
  await stop(child);
  socket.destroy();
  const records = stored();
  expect(records.length).toBe(20_000);
  expect(records.every(({ message }, i) => message === `number ${i}`)).toBe(true);
});

test('datagrams that found the buffer full are counted: sent = received + dropped by the kernel', async () => {
  const child = run(process.execPath, [script]);
  const { udp } = await whenUp();
  child.kill('SIGSTOP');
  const socket = createSocket('udp4');
  const payload = Buffer.alloc(8000, 'x');
  const SENT = 6000;
  for (let i = 0; i < SENT; i++) await new Promise((sent) => socket.send(payload, udp, '127.0.0.1', sent));
  socket.close();
  child.kill('SIGCONT');
  await poll(() => counter('receivedMessages') + counter('kernelDroppedMessages')).toBe(SENT);
  expect(counter('kernelDroppedMessages')).toBeGreaterThan(0);
  await stop(child);
});

test('a disk that refuses: degraded, bounded memory, then counted drops', async () => {
  // a file size limit of 32 kB is the full disk; the signal that comes with it is ignored
  run('sh', ['-c', `trap '' XFSZ; ulimit -f 64; exec "$0" "$1"`, process.execPath, script]);
  const { tcp } = await whenUp();
  const socket = connect(tcp, '127.0.0.1');
  await once(socket, 'connect');
  const line = `<13>Nov 24 09:00:00 h app[1]: ${'x'.repeat(1000)}\n`;
  await new Promise((sent) => socket.end(line.repeat(10_000), () => sent(undefined)));
  await poll(() => counter('receivedMessages')).toBe(10_000);
  await poll(() => status()?.state).toBe('degraded');
  expect(counter('droppedMessages')).toBeGreaterThan(0);
  expect(status()?.message).toMatch(/cannot write to .*; \d+ messages dropped/);
});

test('reload: what the configuration turned off is no longer kept, and a bad one changes nothing', async () => {
  const child = run(process.execPath, [script]);
  const { tcp } = await whenUp();
  const desired = join(root, 'var/lib/mss/desired.json');
  execFileSync('mkdir', ['-p', join(root, 'var/lib/mss')]);
  const send = () => execFileSync('logger', ['-n', '127.0.0.1', '-T', '-P', String(tcp), '-t', 'case', 'text']);

  writeFileSync(desired, '{"logs": {"enabled": "perhaps"}}');
  child.kill('SIGHUP');
  await poll(() => status()?.warnings.at(-1)?.text).toMatch(/reload refused.*logs\.enabled/);
  send();
  await poll(() => counter('receivedMessages')).toBe(1);

  writeFileSync(desired, '{"logs": {"enabled": false}}');
  child.kill('SIGHUP');
  await poll(() => status()?.message).toBe('log management is off');
  send();
  await poll(() => counter('ignoredMessages')).toBe(1);

  writeFileSync(desired, '{}');
  child.kill('SIGHUP');
  await poll(() => status()?.message).toMatch(/^receives on/);
  send();
  await poll(() => counter('receivedMessages')).toBe(2);
  await stop(child);
  expect(stored().length).toBe(2);
});

test.runIf(has('systemd-socket-activate')).each(['tcp', 'udp'])(
  '%s socket of systemd: what waited in it before the service ran is received (skips without systemd-socket-activate)',
  async (transport) => {
    const port = await freePort();
    const datagram = transport === 'udp' ? ['-d'] : [];
    const environment = ['-E', `MSS_ROOT=${root}`, '-E', `PATH=${process.env.PATH}`];
    const activator = spawn(
      'systemd-socket-activate',
      [...datagram, '-l', `127.0.0.1:${port}`, `--fdname=${transport}-3004`, ...environment, process.execPath, script],
      { stdio: ['ignore', 'inherit', 'pipe'] },
    );
    children.push(activator);
    // it says so once it listens, and starts the service on the first message
    await once(activator.stderr!, 'data');
    const kind = transport === 'udp' ? '-d' : '-T';
    execFileSync('logger', ['-n', '127.0.0.1', kind, '-P', String(port), '-t', 'case', 'by socket unit']);
    await poll(() => counter('receivedMessages')).toBe(1);
    expect(status()?.detail.ports).toEqual([{ name: `${transport}-3004`, port, inherited: true }]);
    await stop(activator);
    expect(stored()).toMatchObject([{ message: 'by socket unit', app: 'case', transport }]);
  },
);

test.runIf(has('rsyslogd'))(
  'rsyslog forwards by UDP and by TCP, plain and counted (skips without rsyslogd)',
  async () => {
    const child = run(process.execPath, [script]);
    const { udp, tcp } = await whenUp();
    const input = join(root, 'log.sock');
    const forward = (options: string) => `action(type="omfwd" target="127.0.0.1" ${options})`;
    const config = join(root, 'rsyslog.conf');
    writeFileSync(
      config,
      [
        `global(workDirectory="${root}")`,
        'module(load="imuxsock" sysSock.use="off")',
        `input(type="imuxsock" socket="${input}" ruleset="out")`,
        'ruleset(name="out") {',
        forward(`port="${udp}" protocol="udp"`),
        forward(`port="${tcp}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"`),
        forward(`port="${tcp}" protocol="tcp" template="RSYSLOG_ForwardFormat" TCP_Framing="octet-counted"`),
        '}',
        '',
      ].join('\n'),
    );
    run('rsyslogd', ['-n', '-f', config, '-i', join(root, 'rsyslog.pid')]);
    await poll(() => existsSync(input)).toBe(true);
    for (let i = 0; i < 50; i++) execFileSync('logger', ['-u', input, '-t', 'case', `message ${i}`]);
    await poll(() => counter('receivedMessages')).toBe(150);
    await stop(child);
    const records = stored();
    expect(records.filter(({ app }) => app === 'case').length).toBe(150);
    expect(new Set(records.map(({ message }) => message.trim())).size).toBe(50);
    expect(records.filter(({ format }) => format === '5424').length).toBe(50);
  },
);
