// ids as a process, outside systemd, without an engine on the wire: the test writes what the engine would.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Incident } from '../../src/api/incident.ts';
import type { ServiceStatus } from '../../src/api/status.ts';
import { pathsUnder } from '../../src/paths.ts';

let root: string;
let child: ChildProcess | undefined;
const closers: (() => void)[] = [];
const at = () => pathsUnder(root);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-ids-'));
  for (const dir of [at().stateDir('ids'), at().eveDir, at().suricataDir, at().statusDir])
    mkdirSync(dir, { recursive: true });
  writeFileSync(at().desiredFile, JSON.stringify({ capture: { interfaces: ['mirror0'] } }));
});
afterEach(() => {
  child?.kill('SIGKILL');
  for (const close of closers.splice(0)) close();
  rmSync(root, { recursive: true, force: true });
});

function start(): ChildProcess {
  child = spawn(process.execPath, ['services/ids/main.ts'], {
    env: { PATH: process.env.PATH, MSS_ROOT: root },
    stdio: 'ignore',
  });
  return child;
}
const exit = (process: ChildProcess) => new Promise<number | null>((done) => process.once('exit', done));
const status = (): ServiceStatus => JSON.parse(readFileSync(at().statusFile('ids'), 'utf8'));
const spooled = () =>
  (existsSync(at().spoolDir('ids')) ? readdirSync(at().spoolDir('ids')).sort() : [])
    .map((name) => readFileSync(join(at().spoolDir('ids'), name), 'utf8'))
    .join('')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as { type: string; eve?: { serial: number }; incident?: Incident });
const serials = () => spooled().flatMap(({ type, eve }) => (type === 'alert' ? [eve?.serial] : []));
const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

function say(file: string, serial: number, signature: string): void {
  const alert = { action: 'allowed', gid: 1, signature_id: serial, rev: 1, signature, category: '', severity: 1 };
  const record = {
    timestamp: `2026-11-24T12:00:${10 + serial}.000000+0000`,
    event_type: 'alert',
    src_ip: '10.0.0.5',
    dest_ip: '198.51.100.9',
    serial,
    alert,
  };
  appendFileSync(join(at().eveDir, file), `${JSON.stringify(record)}\n`);
}

test('records are followed over kill -9, and the incident goes on where it was', async () => {
  start();
  say('eve-1000.json', 1, 'ET MALWARE x Checkin');
  await until(() => expect(serials()).toEqual([1]));
  await until(() => expect(existsSync(join(at().stateDir('ids'), 'bookmark.json'))).toBe(true));
  const killed = exit(child!);
  child!.kill('SIGKILL');
  await killed;
  // the second step comes while nobody listens: only who remembers the first makes an incident of it
  say('eve-1000.json', 2, 'ET MALWARE x Dropper');
  say('eve-1060.json', 3, 'ET USER_AGENTS y');
  start();
  await until(() => expect(serials()).toEqual([1, 2, 3]));
  const incidents = spooled().flatMap(({ incident }) => incident ?? []);
  expect(incidents.at(-1)).toMatchObject({ host: '10.0.0.5', phases: ['download', 'c2'] });
  await until(() => expect(readdirSync(at().eveDir)).toEqual(['eve-1060.json']));
  await until(() => expect(status().counters).toMatchObject({ alerts: 2, unreadableLines: 0 }));
  const ended = exit(child!);
  child!.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(status().state).toBe('stopped');
  // what it knows is kept for the next start, which may find the first evidence gone from the spool
  const state = readFileSync(join(at().stateDir('ids'), 'incidents.ndjson'), 'utf8');
  expect(state).toContain(incidents.at(-1)?.id);
});

test('the engine is configured once, and restarted through control when the configuration changes', async () => {
  const jobs: unknown[] = [];
  mkdirSync(join(at().runDir, 'control'), { recursive: true });
  const control = createServer((socket) => {
    socket.on('data', (line) => {
      jobs.push(JSON.parse(String(line)));
      socket.end('{"type":"done","text":"restarted"}\n');
    });
  });
  await new Promise<void>((done) => control.listen(at().controlSocket('ids'), done));
  closers.push(() => control.close());
  start();
  await until(() => expect(readFileSync(at().suricataYaml, 'utf8')).toContain('- interface: "mirror0"'));
  expect(jobs).toEqual([]);
  writeFileSync(at().desiredFile, JSON.stringify({ capture: { interfaces: ['mirror1'] } }));
  await until(() => expect(status().state).toBe('running'));
  child!.kill('SIGHUP');
  await until(() => expect(jobs).toEqual([{ job: 'restart', unit: 'suricata' }]));
  expect(readFileSync(at().suricataYaml, 'utf8')).toContain('- interface: "mirror1"');
  writeFileSync(at().desiredFile, JSON.stringify({ ids: { enabled: false } }));
  child!.kill('SIGHUP');
  await until(() => expect(jobs.at(-1)).toEqual({ job: 'stop', unit: 'suricata' }));
  expect(existsSync(at().suricataYaml)).toBe(false);
});

test('a newer configuration counts while the rules of the older one are still tried', async () => {
  start();
  await until(() => expect(status().state).toBe('running'));
  await until(() => expect(existsSync(at().suricataYaml)).toBe(true));
  // a round of rules waits for whoever holds the lock, as it would for the engine
  writeFileSync(join(at().stateDir('ids'), 'rules', 'lock'), String(process.pid));
  const set = (classes: object[]) => {
    writeFileSync(at().desiredFile, JSON.stringify({ capture: { interfaces: ['mirror0'] }, classify: { classes } }));
    child!.kill('SIGHUP');
  };
  set([]);
  say('eve-1000.json', 1, 'ET MALWARE x Checkin');
  await until(() => expect(serials()).toEqual([1]));
  set([{ name: 'noise', words: 'sid 2', action: 'delete' }]);
  // the signal is on its way: until it is there, alerts of this rule are kept
  await until(() => {
    say('eve-1000.json', 2, 'ET MALWARE x Dropper');
    expect(status().counters.deletedAlerts).toBeGreaterThan(0);
  });
  expect(existsSync(join(at().stateDir('ids'), 'rules', 'lock'))).toBe(true);
});

test("the engine's statistics become its status file", async () => {
  start();
  const stats = { uptime: 60, capture: { kernel_packets: 1000, kernel_drops: 5 }, decoder: { pkts: 995, bytes: 5000 } };
  const record = { timestamp: '2026-11-24T12:00:00.000000+0000', event_type: 'stats', stats };
  writeFileSync(join(at().eveDir, 'eve-1000.json'), `${JSON.stringify(record)}\n`);
  await until(() => expect(existsSync(at().statusFile('suricata'))).toBe(true));
  const engine = JSON.parse(readFileSync(at().statusFile('suricata'), 'utf8')) as ServiceStatus;
  expect(engine.counters).toMatchObject({ receivedPackets: 1000, droppedPackets: 5, inspectedPackets: 995 });
  expect(engine.message).toContain('5 lost (0.50 %)');
});

test('an alert of a rule that blocks becomes a request to softips', async () => {
  writeFileSync(
    at().desiredFile,
    JSON.stringify({ capture: { interfaces: ['mirror0'] }, respond: { rules: ['2'], minutes: 5 } }),
  );
  start();
  say('eve-1000.json', 1, 'ET MALWARE x Checkin');
  say('eve-1000.json', 2, 'ET MALWARE x Dropper');
  const requests = () =>
    readdirSync(at().spoolDir('blocks'))
      .map((name) => readFileSync(join(at().spoolDir('blocks'), name), 'utf8'))
      .join('');
  await until(() => expect(requests()).toContain('\n'));
  expect(JSON.parse(requests())).toMatchObject({
    type: 'block-request',
    request: { remote: '198.51.100.9', host: '10.0.0.5', minutes: 5, why: 'rule 1:2 (ET MALWARE x Dropper)' },
  });
});

test('a bookmark that cannot be written ends nothing: records go on, and are kept once it can', async () => {
  mkdirSync(join(at().stateDir('ids'), 'bookmark.json'));
  start();
  say('eve-1000.json', 1, 'ET USER_AGENTS x');
  await until(() => expect(serials()).toEqual([1]));
  await until(() =>
    expect(
      status()
        .warnings.map(({ text }) => text)
        .join(),
    ).toContain('bookmark.json'),
  );
  say('eve-1000.json', 2, 'ET USER_AGENTS y');
  await until(() => expect(serials()).toEqual([1, 2]));
  rmSync(join(at().stateDir('ids'), 'bookmark.json'), { recursive: true });
  await until(() => expect(JSON.parse(readFileSync(join(at().stateDir('ids'), 'bookmark.json'), 'utf8'))).toBeTruthy());
  expect(child!.exitCode).toBe(null);
});
