// Killed at any moment while packets come, with one worker and with several in turn, encrypting in every other round:
// nothing that could be read before is lost, and each start puts the store in order by itself.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathsUnder } from '../../src/paths.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { emptyQueryReport, findPackets } from '../../src/store/find-packets.ts';
import { createPacketKey, renderPublicKey } from '../../src/store/sealed/packet-keys.ts';
import { frame } from '../pcap/frames.ts';

const KILLS = 50;
const FRAMES_A_ROUND = 2000;
const MOST_DELAY_MS = 700;
const MOST_WORKERS = 3;
const NAMESPACE = `mss-kill-${process.pid}`;
const allowed = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', NAMESPACE]).status === 0;
if (!allowed) process.stderr.write('kill.long.test.ts is skipped: it needs root and network namespaces\n');

const root = mkdtempSync(join(tmpdir(), 'mss-kill-'));
const paths = pathsUnder(root);
const store = join(root, 'store');
const owner = createPacketKey();
/** What an encrypted segment has to say for itself whose writer was killed: nobody can tell that from tampering. */
const CUT_OFF = /cut off, by a crash or by somebody$|bytes at its end are unreadable$/;
let service: ChildProcess;

beforeAll(() => {
  if (!allowed) return;
  execFileSync('ip', ['-n', NAMESPACE, 'link', 'add', 'out', 'type', 'veth', 'peer', 'name', 'mirror']);
  execFileSync('ip', ['netns', 'exec', NAMESPACE, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
  execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', 'out', 'up']);
  for (const dir of [join(root, 'nsm/etc'), dirname(paths.desiredFile), paths.runDir, store])
    mkdirSync(dir, { recursive: true });
  writeFileSync(paths.settingsFile, 'export promiscuous_interface=mirror\n');
  writeFileSync(paths.storageFile, JSON.stringify({ kind: 'system', dir: store, label: 'test store', totalBytes: 0 }));
});

afterAll(() => {
  service?.kill('SIGKILL');
  if (allowed) execFileSync('ip', ['netns', 'del', NAMESPACE]);
  rmSync(root, { recursive: true });
});

const inNamespace = (script: string, ...args: string[]) =>
  spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, script, ...args], {
    env: { ...process.env, MSS_ROOT: root },
    stdio: ['pipe', 'ignore', 'ignore'],
  });

async function start(): Promise<void> {
  service = inNamespace('services/capture/main.ts');
  for (;;) {
    try {
      const status = JSON.parse(readFileSync(paths.statusFile('capture'), 'utf8'));
      if (status.pid === service.pid && status.state === 'running') return;
    } catch {
      // not written yet
    }
    await sleep(50);
  }
}

/** Each frame carries its number, which no other round uses. */
function frames(round: number): string {
  return Array.from({ length: FRAMES_A_ROUND }, (_, i) => {
    const number = Buffer.alloc(100 + (i % 900));
    number.writeUInt32BE(round * FRAMES_A_ROUND + i);
    const ends = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1000 + (i % 50), dstPort: 9 };
    return frame({ ...ends, proto: 17, payload: number }).toString('hex');
  }).join('\n');
}

/** Numbers of all packets that a query finds, in their order. */
async function stored(): Promise<number[]> {
  const report = emptyQueryReport();
  const numbers: number[] = [];
  for await (const packet of findPackets(store, { filter: parseFilter('udp'), keys: [owner] }, report)) {
    numbers.push(Buffer.from(packet.data).readUInt32BE(42));
  }
  expect(report.damage.filter((line) => !CUT_OFF.test(line))).toEqual([]);
  return numbers;
}

test.skipIf(!allowed)(`killed ${KILLS} times at random points`, async () => {
  for (let round = 0; round < KILLS; round++) {
    const encryptTo = round % 2 === 0 ? [] : [renderPublicKey(owner.publicKey)];
    const capture = { workers: (round % MOST_WORKERS) + 1 };
    writeFileSync(paths.desiredFile, JSON.stringify({ capture, packetLog: { encryptTo } }));
    await start();
    const sender = inNamespace('test/capture/send-frames.ts', 'out');
    sender.stdin!.end(frames(round));
    await sleep(randomInt(MOST_DELAY_MS));
    const before = await stored();
    service.kill('SIGKILL');
    await once(service, 'exit');
    if (sender.exitCode === null) await once(sender, 'exit');
    const left = await stored();
    // others that came in between may be of another worker's segment
    const found = new Set(left);
    expect(before.filter((number) => !found.has(number))).toEqual([]);
    expect(found.size).toBe(left.length);
    expect(left).toEqual([...left].sort((a, b) => a - b));
  }
  const before = await stored();
  expect(before.length).toBeGreaterThan(FRAMES_A_ROUND);
  await start();
  service.kill('SIGTERM');
  expect(await once(service, 'exit')).toEqual([0, null]);
  expect(await stored()).toEqual(before);
  const names = readdirSync(store);
  expect(names.filter((name) => name.endsWith('.open'))).toEqual([]);
  // those that were being encrypted when their writer died took their key with them: they have no index
  const isClear = (name: string) => !readFileSync(join(store, name)).includes('Encrypted for key');
  const segments = names.filter((name) => name.endsWith('.pcapng') && isClear(name));
  expect(segments.length).toBeGreaterThan(0);
  expect(segments.filter((name) => !names.includes(name.replace('.pcapng', '.idx')))).toEqual([]);
});
