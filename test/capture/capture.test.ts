// The real service on a real interface: a veth pair in a network namespace of its own.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STORED_COUNTS } from '../../src/api/ledger.ts';
import type { ServiceStatus } from '../../src/api/status.ts';
import type { CapturedInterface } from '../../src/capture/status-keeper.ts';
import { readTotal } from '../../src/ledger/ledger-sums.ts';
import { pathsUnder } from '../../src/paths.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { START } from '../../src/spool/bookmark.ts';
import { readBatch } from '../../src/spool/reader.ts';
import { emptyQueryReport, findPackets } from '../../src/store/find-packets.ts';
import { arp, frame } from '../pcap/frames.ts';

const NAMESPACE = `mss-test-${process.pid}`;
const allowed = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', NAMESPACE]).status === 0;
if (!allowed) process.stderr.write('capture.test.ts is skipped: it needs root and network namespaces\n');

let service: ChildProcess | undefined;
const root = mkdtempSync(join(tmpdir(), 'mss-capture-'));
const paths = pathsUnder(root);
const store = join(root, 'store');
const payload = (text: string) => Buffer.from(text.padEnd(20, '.'));

const FRAMES = [
  frame({ src: '10.0.0.1', dst: '192.0.2.1', proto: 6, srcPort: 4000, dstPort: 80, payload: payload('request') }),
  frame({ src: '192.0.2.1', dst: '10.0.0.1', proto: 6, srcPort: 80, dstPort: 4000, payload: Buffer.alloc(1400, 'a') }),
  frame({
    src: '10.0.0.1',
    dst: '192.0.2.1',
    proto: 17,
    srcPort: 53,
    dstPort: 53,
    vlans: [7],
    payload: payload('one tag'),
  }),
  frame({
    src: '10.0.0.1',
    dst: '192.0.2.1',
    proto: 17,
    srcPort: 53,
    dstPort: 53,
    vlans: [7, 9],
    payload: payload('two tags'),
  }),
  frame({
    src: '2001:db8::1',
    dst: '2001:db8::2',
    proto: 6,
    srcPort: 5000,
    dstPort: 443,
    extension: true,
    payload: payload('v6'),
  }),
  frame({ src: '10.0.0.1', dst: '192.0.2.1', proto: 17, fragment: 185, payload: payload('later fragment') }),
  frame({ src: '10.0.0.1', dst: '192.0.2.1', proto: 1, icmp: [8, 0], payload: payload('ping') }),
  arp('10.0.0.1', '10.0.0.254'),
  Buffer.from('020000000001020000000002ffff0102030405', 'hex'),
];

beforeAll(() => {
  if (!allowed) return;
  const ip = (...args: string[]) => execFileSync('ip', ['-n', NAMESPACE, ...args]);
  ip('link', 'add', 'out', 'type', 'veth', 'peer', 'name', 'mirror');
  execFileSync('ip', ['netns', 'exec', NAMESPACE, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
  ip('link', 'set', 'out', 'up');
  mkdirSync(join(root, 'nsm/etc'), { recursive: true });
  mkdirSync(paths.runDir, { recursive: true });
  mkdirSync(store);
  writeFileSync(paths.settingsFile, 'export promiscuous_interface=mirror\n');
  writeFileSync(paths.storageFile, JSON.stringify({ kind: 'system', dir: store, label: 'test store', totalBytes: 0 }));
});

afterAll(() => {
  service?.kill('SIGKILL');
  if (allowed) execFileSync('ip', ['netns', 'del', NAMESPACE]);
  rmSync(root, { recursive: true });
});

async function startService(): Promise<void> {
  service = spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, 'services/capture/main.ts'], {
    env: { ...process.env, MSS_ROOT: root },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(() => readStatus()?.pid === service?.pid && readStatus()?.state === 'running');
}

function readStatus(): ServiceStatus | undefined {
  try {
    return JSON.parse(readFileSync(paths.statusFile('capture'), 'utf8')) as ServiceStatus;
  } catch {
    return undefined;
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

function send(frames: readonly Buffer[]): void {
  const input = frames.map((bytes) => bytes.toString('hex')).join('\n');
  execFileSync('ip', ['netns', 'exec', NAMESPACE, process.execPath, 'test/capture/send-frames.ts', 'out'], { input });
}

async function found(filter: string, dir = store): Promise<string[]> {
  const report = emptyQueryReport();
  const packets: string[] = [];
  for await (const packet of findPackets(dir, { filter: parseFilter(filter) }, report)) {
    packets.push(Buffer.from(packet.data).toString('hex'));
  }
  expect(report.damage).toEqual([]);
  return packets;
}

const BURST = Array.from({ length: 3000 }, (_, i) =>
  frame({
    src: '10.1.0.1',
    dst: `10.1.1.${i % 250}`,
    proto: 17,
    srcPort: 1000 + i,
    dstPort: 9,
    payload: Buffer.alloc(i % 1400, `${i} `),
  }),
);

const hex = (frames: readonly Buffer[]) => frames.map((bytes) => bytes.toString('hex'));

test.skipIf(!allowed)(
  'what is on the wire is stored byte for byte, and found while the segment is open',
  { timeout: 60_000 },
  async () => {
    await startService();
    send(FRAMES);
    await until(async () => (await found('')).length === FRAMES.length);
    expect(await found('')).toEqual(hex(FRAMES));
    expect(await found('tcp port 80')).toEqual(hex(FRAMES.slice(0, 2)));
    expect(await found('vlan 7')).toEqual(hex(FRAMES.slice(2, 4)));
    expect(await found('vlan 9 and port 53')).toEqual(hex(FRAMES.slice(3, 4)));
    expect(await found('host 2001:db8::2 and port 443')).toEqual(hex(FRAMES.slice(4, 5)));
    expect(await found('arp host 10.0.0.254')).toEqual(hex(FRAMES.slice(7, 8)));
    await until(() => readStatus()?.counters.storedPackets === FRAMES.length);
    expect(readStatus()?.counters).toMatchObject({
      receivedPackets: FRAMES.length,
      unwrittenPackets: 0,
      ringDroppedPackets: 0,
    });
    const row = () => (readStatus()!.detail.interfaces as CapturedInterface[])[0];
    await until(() => row().bothDirections);
    expect(row()).toMatchObject({ name: 'mirror', up: true, receivedPackets: FRAMES.length });
  },
);

test.skipIf(!allowed)(
  'many frames: full blocks written from the ring, small ones gathered behind them',
  { timeout: 60_000 },
  async () => {
    const before = (await found('')).length;
    send(BURST);
    await until(async () => (await found('')).length === before + BURST.length);
    send(BURST.slice(0, 3));
    await until(async () => (await found('')).length === before + BURST.length + 3);
    expect(await found('src host 10.1.0.1')).toEqual(hex([...BURST, ...BURST.slice(0, 3)]));
  },
);

test.skipIf(!allowed)(
  'killed, it loses nothing that was written, and completes the segment when it is back',
  { timeout: 60_000 },
  async () => {
    const before = await found('');
    service!.kill('SIGKILL');
    await once(service!, 'exit');
    expect(await found('')).toEqual(before);
    await startService();
    // put in order while the rings hold what comes
    await until(() => readStatus()?.warnings.some(({ text }) => /1 segments completed/.test(text)) === true);
    expect(readdirSync(store).filter((name) => name.endsWith('.open'))).toEqual([]);
    expect(await found('')).toEqual(before);
  },
);

test.skipIf(!allowed)('a clean stop completes the last segment', { timeout: 60_000 }, async () => {
  const before = await found('');
  send(FRAMES.slice(0, 1));
  await until(async () => (await found('')).length === before.length + 1);
  service!.kill('SIGTERM');
  expect(await once(service!, 'exit')).toEqual([0, null]);
  const names = readdirSync(store);
  expect(names.filter((name) => name.endsWith('.open'))).toEqual([]);
  expect(names.filter((name) => name.endsWith('.idx'))).toHaveLength(
    names.filter((name) => name.endsWith('.pcapng')).length,
  );
  expect(await found('')).toEqual([...before, ...hex(FRAMES.slice(0, 1))]);
  // its last minute is in the ledger though it is not over, for everybody to read
  const { counts, seconds } = readTotal(paths.ledgerDir('capture'), STORED_COUNTS);
  expect(counts.stored).toBeGreaterThan(0);
  expect(counts).toMatchObject({ received: counts.stored, lostInRing: 0, lostInCard: 0, notWritten: 0 });
  expect(counts.offered).toBeGreaterThanOrEqual(counts.received);
  expect(seconds).toBeGreaterThan(0);
});

test.skipIf(!allowed)(
  'an interface goes down and comes back, then goes away under another name and returns: captured on whenever it is there',
  { timeout: 60_000 },
  async () => {
    const link = (...args: string[]) => execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', ...args]);
    const stored = async () => (await found('')).length;
    await startService();
    const before = await stored();
    const row = () => (readStatus()!.detail.interfaces as CapturedInterface[])[0];
    link('mirror', 'down');
    await until(() => !row().up);
    expect(readStatus()!.message).toContain('mirror (no link)');
    link('mirror', 'up');
    await until(() => row().up);
    expect(row().linkChanges).toBeGreaterThanOrEqual(2);
    expect(row().linkChangedMs).toBeGreaterThan(readStatus()!.startedMs);
    send(FRAMES.slice(0, 2));
    await until(async () => (await stored()) === before + 2);

    link('mirror', 'down');
    link('mirror', 'name', 'elsewhere');
    await until(() => readStatus()!.state === 'degraded');
    expect(readStatus()!.message).toMatch(/interface/);
    link('elsewhere', 'name', 'mirror');
    await until(() => readStatus()!.state === 'running');
    send(FRAMES.slice(2, 5));
    await until(async () => (await stored()) === before + 5);
    expect(readStatus()!.pid).toBe(service!.pid);
    service!.kill('SIGTERM');
    await once(service!, 'exit');
  },
);

test.skipIf(!allowed)(
  'of an elephant only the beginning is stored, the rest is counted',
  { timeout: 60_000 },
  async () => {
    const before = (await found('')).length;
    mkdirSync(dirname(paths.desiredFile), { recursive: true });
    writeFileSync(paths.desiredFile, JSON.stringify({ capture: { cutoff: 10_000 } }));
    await startService();
    const ends = { src: '10.2.0.1', dst: '10.2.0.2', proto: 17, srcPort: 7000, dstPort: 7001 };
    const elephant = Array.from({ length: 400 }, (_, i) => frame({ ...ends, payload: Buffer.alloc(958, i) }));
    send([...elephant, ...FRAMES]);
    await until(() => readStatus()!.counters.receivedPackets === elephant.length + FRAMES.length);
    await until(async () => (await found('')).length === before + 10 + FRAMES.length);
    expect(await found('src host 10.2.0.1')).toEqual(hex(elephant.slice(0, 10)));
    await until(() => readStatus()!.counters.beyondCutoffPackets === 390);
    expect(readStatus()!.counters).toMatchObject({ filteredPackets: 390, storedPackets: 10 + FRAMES.length });
    service!.kill('SIGTERM');
    await once(service!, 'exit');
    rmSync(paths.desiredFile);
  },
);

test.skipIf(!allowed)(
  'a disk that somebody else filled ends nothing: what is lost is counted, and storing goes on once there is room',
  { timeout: 60_000 },
  async () => {
    const small = join(root, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small]);
    try {
      writeFileSync(paths.storageFile, JSON.stringify({ kind: 'system', dir: small, label: 'small', totalBytes: 0 }));
      const filler = join(small, 'filler');
      expect(() => writeFileSync(filler, Buffer.alloc(32 << 20))).toThrow('ENOSPC');
      await startService();
      send(BURST);
      const counters = () => readStatus()!.counters;
      await until(() => counters().unwrittenPackets > 0 && readStatus()!.state === 'degraded');
      expect(readdirSync(small).filter((name) => name.endsWith('.pcapng'))).toEqual([]);
      rmSync(filler);
      await until(() => {
        send(FRAMES.slice(7, 8));
        return counters().storedPackets > 0 && readStatus()!.state === 'running';
      });
      expect(service!.exitCode).toBe(null);
      expect((await found('arp', small)).length).toBeGreaterThan(0);
      expect(readdirSync(small).filter((name) => name.endsWith('.open'))).toHaveLength(1);
      service!.kill('SIGTERM');
      expect(await once(service!, 'exit')).toEqual([0, null]);
      const { receivedPackets, storedPackets, unwrittenPackets } = counters();
      expect(storedPackets + unwrittenPackets).toBe(receivedPackets);
      expect(await found('', small)).toHaveLength(storedPackets);
    } finally {
      service!.kill('SIGKILL');
      execFileSync('umount', ['-l', small]);
    }
  },
);

test.skipIf(!allowed)(
  'without the engine it reports the flows itself, each packet counted once however the blocks were gathered',
  { timeout: 60_000 },
  async () => {
    mkdirSync(dirname(paths.desiredFile), { recursive: true });
    writeFileSync(paths.desiredFile, JSON.stringify({ ids: { enabled: false } }));
    writeFileSync(
      paths.storageFile,
      JSON.stringify({ kind: 'system', dir: store, label: 'test store', totalBytes: 0 }),
    );
    await startService();
    await until(() => (readStatus()!.detail.flows as { reporting: boolean }).reporting);
    const before = (await found('')).length;
    for (const frames of [FRAMES.slice(0, 1), FRAMES.slice(1, 2), BURST, FRAMES.slice(0, 1)]) {
      const stored = (await found('')).length;
      send(frames);
      await until(async () => (await found('')).length === stored + frames.length);
    }
    expect(await found('')).toHaveLength(before + BURST.length + 3);
    service!.kill('SIGTERM');
    expect(await once(service!, 'exit')).toEqual([0, null]);
    const flows = readBatch(paths.spoolDir('capture'), 'capture', START, 64 << 20).records.map(({ event }) =>
      event.type === 'flow' ? event.eve : undefined,
    );
    const [request, reply] = [FRAMES[0].length, FRAMES[1].length];
    expect(flows.find((eve) => eve?.proto === 'TCP')).toMatchObject({
      src_ip: '10.0.0.1',
      dest_port: 80,
      flow: { pkts_toserver: 2, pkts_toclient: 1, bytes_toserver: 2 * request, bytes_toclient: reply },
    });
    const packets = flows.flatMap((eve) => (eve?.src_ip === '10.1.0.1' ? eve.flow!.pkts_toserver : []));
    expect(packets.reduce((sum, count) => sum + count, 0)).toBe(BURST.length);
    expect(readStatus()!.counters.flowRecords).toBe(flows.length);
  },
);
