// The files that are handed out, as the build left them: what the descriptor says of the disk is so, and the disk in its
// transport form holds what was provisioned. Boots nothing.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ovaFile } from '../../tools/image/ova.ts';
import { sensorDisk } from '../../tools/image/packer.ts';
import { linuxZip, payloadTar } from '../../tools/image/payload.ts';
import { vmwareZip } from '../../tools/image/vmware-zip.ts';
import { run } from '../../tools/shell.ts';

let folder: string;
let members: string[];
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mss-dist-'));
  members = (await run('tar', ['-xvf', ovaFile, '-C', folder])).trim().split('\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of a disk as a machine sees it, by QEMU's reading. */
async function virtualBytes(file: string): Promise<number> {
  const said = await run('qemu-img', ['info', '--output=json', file]);
  return (JSON.parse(said) as { 'virtual-size': number })['virtual-size'];
}

test('the OVA holds descriptor, manifest and disk in this order, each as the manifest says', async () => {
  expect(members.map((name) => name.replace(/^.*[.]/, ''))).toEqual(['ovf', 'mf', 'vmdk']);
  const [ovf, manifest, disk] = members;
  const digests = await Promise.all(
    [ovf, disk].map(async (name) => {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path(name))) hash.update(chunk as Buffer);
      return `SHA256(${name})= ${hash.digest('hex')}\n`;
    }),
  );
  expect(readFileSync(path(manifest), 'utf8')).toBe(digests.join(''));
});

test('the descriptor tells the disk’s name, size and capacity, which are those of what was provisioned', async () => {
  const ovf = readFileSync(path(members[0]), 'utf8');
  const disk = path(members[2]);
  const attribute = (element: string, name: string) =>
    new RegExp(`<${element} [^>]*ovf:${name}="([^"]*)"`).exec(ovf)?.[1];
  expect(attribute('File', 'href')).toBe(members[2]);
  expect(Number(attribute('File', 'size'))).toBe(statSync(disk).size);
  expect(attribute('Disk', 'capacityAllocationUnits')).toBe('byte');
  const capacities = await Promise.all([disk, sensorDisk].map(virtualBytes));
  expect(capacities).toEqual([Number(attribute('Disk', 'capacity')), Number(attribute('Disk', 'capacity'))]);
});

test('the disk in the OVA reads through, and holds what was provisioned', async () => {
  // throws with the first byte that differs, or with the grain that does not unpack
  expect(await run('qemu-img', ['compare', path(members[2]), sensorDisk])).toContain('Images are identical');
});

test('linux.zip unpacks to the folder that the image was provisioned with', async () => {
  for (const name of ['zip', 'tar']) mkdirSync(path(name));
  await run('unzip', ['-q', linuxZip, '-d', path('zip')]);
  await run('tar', ['--zstd', '-xf', payloadTar, '-C', path('tar')]);
  // throws with what differs
  await run('diff', ['-r', path('zip'), path('tar')]);
  for (const program of ['nsm/setup.sh', 'nsm/release/bin/node']) {
    expect(statSync(path(`zip/${program}`)).mode & 0o111).toBe(0o111);
  }
});

test('the VMware zip holds the machine, and the disks that it names', async () => {
  const names = (await run('unzip', ['-Z1', vmwareZip])).trim().split('\n');
  const machine = await run('unzip', ['-p', vmwareZip, 'MetaFlows_Sensor.vmx']);
  const disks = [...machine.matchAll(/^scsi0:\d\.fileName = "(.*)"$/gm)].map((match) => match[1]);
  expect(disks).toHaveLength(2);
  expect(names).toEqual(['MetaFlows_Sensor.vmx', ...disks]);
});
