// A real rsyslogd as the SIEM's receiver, by UDP, TCP and TLS: it frames, parses and decodes what ids sends.
// rsyslog comes from Debian's packages, unpacked under build/; without apt-get there is no test.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SensorEvent } from '../../../src/api/event.ts';
import { parseSensorConfig } from '../../../src/config/parse.ts';
import { SiemExport } from '../../../src/ids/siem-export.ts';
import { readCef } from '../../../src/logs/body/cef.ts';
import { sendDatagram } from '../../../src/os/datagram.ts';
import type { Service } from '../../../src/os/run-service.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { type Peers, unpackPeers } from '../../../tools/bench/syslog/peers.ts';
import { findFreePort } from '../../../tools/boot/free-port.ts';
import { findProgram } from '../../../tools/shell.ts';

const hasApt = findProgram('apt-get') !== undefined;
const MANY = 1000;
let dir: string;
let peers: Peers;
let rsyslog: ChildProcess | undefined;
const ports = { udp: 0, tcp: 0, tls: 0 };
beforeAll(async () => {
  if (!hasApt) return;
  dir = mkdtempSync(join(tmpdir(), 'mss-rsyslog-'));
  peers = await unpackPeers();
  const files = ['-keyout', join(dir, 'key'), '-out', join(dir, 'crt')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, '-subj', '/CN=127.0.0.1', ...files], { stdio: 'ignore' });
  for (const name of ['udp', 'tcp', 'tls'] as const) ports[name] = await findFreePort();
  await start();
}, 600_000);
afterAll(() => {
  rsyslog?.kill('SIGKILL');
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
});

/** Resolves once it reads: a datagram is lost before. */
async function start(): Promise<void> {
  const file = join(dir, 'rsyslog.conf');
  const tls = 'StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"';
  const certificates = ['CAFile', 'CertFile']
    .map((name) => `defaultNetstreamDriver${name}="${join(dir, 'crt')}"`)
    .join(' ');
  writeFileSync(
    file,
    [
      `global(workDirectory="${dir}" ${certificates} defaultNetstreamDriverKeyFile="${join(dir, 'key')}")`,
      'module(load="imudp")',
      'module(load="imtcp")',
      `input(type="imudp" port="${ports.udp}" address="127.0.0.1")`,
      `input(type="imtcp" port="${ports.tcp}" address="127.0.0.1")`,
      `input(type="imtcp" port="${ports.tls}" address="127.0.0.1" ${tls})`,
      'template(name="whole" type="string" string="%inputname% %syslogfacility-text%.%syslogseverity-text% %app-name% %msg%\\n")',
      `action(type="omfile" file="${join(dir, 'messages')}" template="whole")`,
      '',
    ].join('\n'),
  );
  const args = ['-n', '-f', file, '-i', join(dir, 'pid'), '-M', peers.rsyslogModules];
  rsyslog = spawn(peers.rsyslogd, args, { env: { ...process.env, ...peers.env }, stdio: 'ignore' });
  const before = stored().length;
  await vi.waitFor(
    async () => {
      await sendDatagram('<13>started', '127.0.0.1', ports.udp);
      if (stored().length <= before) throw new Error('rsyslogd does not read yet');
    },
    { timeout: 30_000, interval: 100 },
  );
}
const stored = () =>
  existsSync(join(dir, 'messages')) ? readFileSync(join(dir, 'messages'), 'utf8').trimEnd().split('\n') : [];

test.each(['udp', 'tcp', 'tls'] as const)(
  'by %s, a restart of the receiver in between',
  async (transport) => {
    if (!hasApt) return;
    const root = join(dir, transport);
    const stop = new AbortController();
    const warnings: string[] = [];
    const service = {
      signal: stop.signal,
      counters: {},
      warn: (text: string) => warnings.push(text),
    } as unknown as Service;
    const to = `127.0.0.1:${ports[transport]}`;
    const exporter = new SiemExport(
      service,
      pathsUnder(root),
      parseSensorConfig({ siem: { to, transport, ca: join(dir, 'crt') } }),
    );
    const running = exporter.run();
    const offer = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const text = `${transport} number ${i} a=b|c \\ "ü"\nnext`;
        exporter.offer({ type: 'notice', timeUs: 1, service: 'x', level: 'error', text } satisfies SensorEvent);
      }
      exporter.flush();
    };
    const found = () => new Set(stored().filter((line) => line.includes(`msg=${transport} number`)));
    offer(0, MANY);
    await expect.poll(() => found().size, { timeout: 30_000 }).toBe(MANY);
    const gone = once(rsyslog!, 'exit');
    rsyslog!.kill('SIGTERM');
    await gone;
    offer(MANY, 2 * MANY);
    // it is tried again in seconds, and not while the receiver holds its port but does not read yet
    await expect.poll(() => warnings.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await start();
    await expect.poll(() => found().size, { timeout: 60_000, interval: 200 }).toBe(2 * MANY);
    stop.abort();
    await running;
    const [line] = [...found()];
    expect(line).toMatch(/^im(udp|tcp) (alert|logalert)\.err mss-ids ?CEF:0\|/);
    expect(readCef(line)).toMatchObject({ msg: `${transport} number 0 a=b|c \\ "ü"\nnext`, signatureId: 'notice' });
  },
  120_000,
);
