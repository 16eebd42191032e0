// Several workers share one interface: each packet is in the ring of one of them, all packets of a flow in the same one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { STORED_COUNTS } from '../../src/api/ledger.ts';
import type { CapturedShare } from '../../src/capture/capture-workers.ts';
import type { CapturedInterface } from '../../src/capture/status-keeper.ts';
import { readTotal } from '../../src/ledger/ledger-sums.ts';
import { listSegments } from '../../src/store/segment-files.ts';
import { frame } from '../pcap/frames.ts';
import { CaptureRig, storedIn, until } from './capture-rig.ts';

const FLOWS = 300;
const hasTshark = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasTshark) console.warn('segments are not judged: tshark is not installed');
const allowed = (() => {
  const rig = CaptureRig.open('workers-probe');
  rig?.close();
  return rig !== undefined;
})();

let rig: CaptureRig;
let store: string;
afterEach(() => rig?.close());

function openRig(workers: number): void {
  rig = CaptureRig.open(`workers-${workers}`)!;
  store = join(rig.root, 'store');
  mkdirSync(store);
  rig.useStorage({ kind: 'system', dir: store });
  writeFileSync(rig.paths.desiredFile, JSON.stringify({ capture: { workers } }));
}

/** Conversations of two directions, fragments, and packets whose flow the kernel does not see into. */
const FRAMES = Array.from({ length: FLOWS }, (_, i) => {
  const [client, server] = [`10.0.${i % 7}.${1 + (i % 250)}`, `192.0.2.${1 + (i % 100)}`];
  const ends = { src: client, dst: server, srcPort: 1024 + i, dstPort: 80 };
  const back = { src: server, dst: client, srcPort: 80, dstPort: 1024 + i };
  const v6 = { src: `2001:db8::${i + 1}`, dst: '2001:db8:1::1', srcPort: 1024 + i, dstPort: 443 };
  const text = (name: string) => ({ payload: Buffer.from(`${name} ${i}`.padEnd(40, '.')) });
  return [
    frame({ ...ends, proto: 6, ...text('request') }),
    frame({ ...back, proto: 6, ...text('answer') }),
    frame({ ...ends, proto: 17, vlans: [i % 5], ...text('tagged') }),
    frame({ ...v6, proto: 6, ...text('six') }),
    frame({ ...ends, proto: 17, identification: i, fragment: 0x2000, payload: Buffer.alloc(64, `first ${i} `) }),
    frame({ ...ends, proto: 17, identification: i, fragment: 9, payload: Buffer.alloc(64, `later ${i} `) }),
    frame({ ...ends, proto: 1, icmp: [8, 0], ...text('ping') }),
  ];
}).flat();

const hex = (frames: readonly Buffer[]) => frames.map((bytes) => bytes.toString('hex'));
const shares = () => rig.status.detail.workers as CapturedShare[];

test.skipIf(!allowed).each([2, 4])(
  '%i workers: every packet once, in order of time',
  { timeout: 60_000 },
  async (n) => {
    openRig(n);
    await rig.start();
    rig.send(FRAMES.slice(0, 3), 'mirror'); // what the machine itself sends is no traffic
    rig.send(FRAMES);
    await until(async () => (await storedIn(store)).length >= FRAMES.length);
    expect(listSegments(store).filter(({ open }) => open)).toHaveLength(n);
    expect(await storedIn(store)).toEqual(hex(FRAMES));
    expect(await storedIn(store, 'host 10.0.3.4 and tcp port 1027')).toEqual(hex(FRAMES.slice(21, 23)));

    await until(() => rig.counters.storedPackets === FRAMES.length);
    expect(rig.counters).toMatchObject({ receivedPackets: FRAMES.length, unwrittenPackets: 0, ringDroppedPackets: 0 });
    const row = () => (rig.status.detail.interfaces as CapturedInterface[])[0];
    await until(() => row().bothDirections);
    expect(row().receivedPackets).toBe(FRAMES.length);
    expect(shares()).toHaveLength(n);
    for (const { receivedPackets } of shares()) expect(receivedPackets).toBeGreaterThan(FRAMES.length / n / 4);
    expect(shares().reduce((sum, { receivedPackets }) => sum + receivedPackets, 0)).toBe(FRAMES.length);

    await rig.stop();
    expect(await storedIn(store)).toEqual(hex(FRAMES));
    const segments = listSegments(store);
    expect(segments.map(({ open }) => open)).toEqual(segments.map(() => false));
    const counts = readTotal(rig.paths.ledgerDir('capture'), STORED_COUNTS).counts;
    expect(counts).toMatchObject({ received: FRAMES.length, stored: FRAMES.length, lostInRing: 0, lostInCard: 0 });
    if (hasTshark) judgeSegments(segments.map(({ path }) => path));
  },
);

/** tshark reads each worker's segments; both directions of a conversation lie in one of them, and all of a datagram. */
function judgeSegments(paths: readonly string[]): void {
  let packets = 0;
  for (const path of paths) {
    const fields = ['tcp.port', 'ip.id', 'ip.flags.mf', 'ip.frag_offset'].flatMap((name) => ['-e', name]);
    const { status, stdout } = spawnSync('tshark', ['-r', path, '-T', 'fields', ...fields], { encoding: 'utf8' });
    expect(status).toBe(0);
    const together = new Map<string, number>();
    for (const row of stdout.trimEnd().split('\n')) {
      packets++;
      const [ports, id, more, offset] = row.split('\t');
      const isFragment = more === '1' || more === 'True' || Number(offset) > 0;
      const key = /^(80,|.*,80$)/.test(ports) ? ports.split(',').sort().join() : isFragment ? id : undefined;
      if (key !== undefined) together.set(key, (together.get(key) ?? 0) + 1);
    }
    expect([...together.values()].filter((count) => count !== 2)).toEqual([]);
    expect(together.size).toBeGreaterThan(0);
  }
  expect(packets).toBe(FRAMES.length);
}
