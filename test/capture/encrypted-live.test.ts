// The real service with encryption switched on while it runs: what comes from then on is encrypted, found in the open
// segment, reported in flow records, and nothing else changes.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseFilter } from '../../src/query/parse.ts';
import { emptyQueryReport, findPackets } from '../../src/store/find-packets.ts';
import { createPacketKey, keyId, type PacketKey, renderPublicKey } from '../../src/store/sealed/packet-keys.ts';
import { frame } from '../pcap/frames.ts';
import { CaptureRig, until } from './capture-rig.ts';

const rig = CaptureRig.open('encrypted-live');
afterAll(() => rig?.close());
const owner = createPacketKey();

const packet = (n: number) =>
  frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 17, srcPort: 1000 + n, dstPort: 53, payload: Buffer.alloc(80, n) });

test.skipIf(rig === undefined)('switched on by a reload', async () => {
  const { root, paths } = rig!;
  const store = join(root, 'store');
  mkdirSync(store);
  rig!.useStorage({ dir: store, kind: 'system' });
  await rig!.start();
  const count = async (keys: PacketKey[]) => {
    const report = emptyQueryReport();
    let packets = 0;
    for await (const _ of findPackets(store, { filter: parseFilter('udp port 53'), keys }, report)) packets++;
    expect(report.damage).toEqual([]);
    return packets;
  };
  rig!.send([packet(1), packet(2)]);
  await until(async () => (await count([])) === 2);
  expect(rig!.status.detail.encryptedFor).toEqual([]);

  const encryptTo = [renderPublicKey(owner.publicKey)];
  writeFileSync(paths.desiredFile, JSON.stringify({ version: 2, packetLog: { encryptTo } }));
  process.kill(rig!.status.pid, 'SIGHUP');
  await until(() => JSON.stringify(rig!.status.detail.encryptedFor) === JSON.stringify([keyId(owner.publicKey)]));
  await until(() => readdirSync(store).every((name) => !name.endsWith('.open')) && rig!.status.state === 'running');
  rig!.send([packet(3), packet(4), packet(5)]);
  await until(async () => (await count([owner])) === 5);
  await expect(count([])).rejects.toMatchObject({ code: 'locked' });
  await rig!.stop();
  expect(await count([owner])).toBe(5);
  expect(readdirSync(store).filter((name) => name.endsWith('.pcapng'))).toHaveLength(2);
  expect(readdirSync(store).filter((name) => name.endsWith('.idx'))).toHaveLength(2);
});
