import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderOvfEnvironment } from '../../tools/boot/environment-cd.ts';
import { type MachinePlan, planMachineArgs } from '../../tools/boot/machine-args.ts';
import { Mirror } from '../../tools/boot/mirror.ts';
import { makeSampleAttack, makeSampleFrames } from '../../tools/boot/sample-attack.ts';
import { patchGrub } from '../../tools/image/disk.ts';
import { countVitest } from '../../tools/stages.ts';

const plan: MachinePlan = {
  accelerator: 'tcg',
  disk: '/d.vmdk',
  diskFormat: 'vmdk',
  firmware: 'bios',
  memoryMb: 4096,
  runDir: '/r',
  forwards: [{ guest: 22, host: 2022 }],
  outbound: false,
};

test('a machine has the hardware that the OVF declares, and leaves its disk as it was', () => {
  const line = planMachineArgs(plan).join(' ');
  expect(line).toContain('pvscsi');
  expect(line.match(/vmxnet3/g)).toHaveLength(2);
  expect(line).toContain('restrict=on,hostfwd=tcp:127.0.0.1:2022-:22');
  expect(line).toMatch(/file=\/d.vmdk,format=vmdk,[^ ]*snapshot=on/);
});

test('UEFI boots from AHCI, since its firmware cannot from pvscsi', () => {
  const line = planMachineArgs({ ...plan, firmware: 'uefi' }).join(' ');
  expect(line).not.toContain('pvscsi');
  expect(line).toContain('ahci');
  expect(line).toContain('OVMF_CODE');
});

test('first-start answers carry the class in front and survive XML', () => {
  const text = renderOvfEnvironment({ 'root-password': 'a"<b&' });
  expect(text).toContain('<Property oe:key="mss.root-password" oe:value="a&quot;&lt;b&amp;"/>');
});

test('frames reach the mirror port whole and in order, each behind its length', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mss-mirror-'));
  const path = join(folder, 's');
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => server.close());
  }).listen(path);
  const closed = new Promise((done) => server.once('close', done));
  const mirror = await Mirror.connect(path);
  const packets = makeSampleAttack();
  expect(await mirror.replay(packets, 100_000)).toBe(packets.length);
  mirror.close();
  await closed;
  const bytes = Buffer.concat(chunks);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    frames.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  }
  expect(frames).toEqual(makeSampleFrames());
  rmSync(folder, { recursive: true });
});

test('each round of the sample is made of flows of its own', () => {
  const ports = (round: number) => new Set(makeSampleFrames(round).map((frame) => frame.readUInt16BE(34)));
  expect([...ports(1)].filter((port) => port > 40_000 && ports(2).has(port))).toEqual([]);
});

test('GRUB’s two parts find one another', () => {
  const { boot, core } = patchGrub(Buffer.alloc(512, 1), Buffer.alloc(3 * 512 + 1, 2));
  expect(boot).toHaveLength(440);
  expect(boot.readBigUInt64LE(0x5c)).toBe(2048n);
  expect(core.readBigUInt64LE(0x1f4)).toBe(2049n);
  expect(core.readUInt16LE(0x1fc)).toBe(3);
  expect(() => patchGrub(Buffer.alloc(512), Buffer.alloc(2 ** 20 + 1))).toThrow('core image');
});

test('a test file that could not be loaded, and a run without a report, are failures', () => {
  const none = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numFailedTestSuites: 0 };
  expect(countVitest(none, 0)).toEqual({ passed: 5, failed: 0, skipped: 1 });
  expect(countVitest({ ...none, numFailedTestSuites: 1 }, 1).failed).toBe(1);
  expect(countVitest(none, 1).failed).toBe(1);
  expect(countVitest(undefined, 0).failed).toBe(1);
});
