// The OVF as importers want it: what vCenter, ESXi and Workstation have refused in other projects is held here.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderOvf, renderOvfManifest } from '../../tools/image/ova.ts';
import { renderTemplate } from '../../tools/image/template.ts';
import { parseVmdkCapacity } from '../../tools/image/vmdk.ts';
import { repoDir } from '../../tools/shell.ts';

const template = readFileSync(join(repoDir, 'image', 'sensor.ovf'), 'utf8');
const disk = { file: 'x-disk1.vmdk', fileBytes: 260_000_000, capacityBytes: 17_179_869_184 };
const ovf = renderOvf(template, disk, '2.0.0');

const all = (pattern: RegExp): string[] => [...ovf.matchAll(pattern)].map((match) => match[1]);

describe('the descriptor', () => {
  test('is one OVF 1.x envelope of a hardware family that ESXi 6.5 to 8 takes', () => {
    expect(all(/<Envelope xmlns="([^"]+)"/g)).toEqual(['http://schemas.dmtf.org/ovf/envelope/1']);
    expect(all(/<vssd:VirtualSystemType>(.*)</g)).toEqual(['vmx-13']);
    expect(ovf).not.toMatch(/StorageItem|EthernetPortItem|virtualbox|nvram/i);
  });

  test('names the disk file with its size and capacity, and a packet disk without a file', () => {
    expect(all(/<File [^>]*ovf:href="([^"]+)"/g)).toEqual(['x-disk1.vmdk']);
    expect(all(/<File [^>]*ovf:size="([^"]+)"/g)).toEqual(['260000000']);
    expect(all(/<Disk [^>]*ovf:capacity="([^"]+)"/g)).toEqual(['17179869184', '500']);
    expect(all(/<Disk [^>]*ovf:fileRef="([^"]+)"/g)).toEqual(['system-file']);
  });

  test('leaves the packet disk out of the small deployment only', () => {
    const optional = all(/<Item ovf:configuration="(\w+)"/g);
    expect(optional).toEqual(['standard']);
    expect(all(/<Configuration ovf:id="(\w+)"/g)).toEqual(['standard', 'small']);
    expect(all(/<Configuration ovf:id="(\w+)" ovf:default="true"/g)).toEqual(['standard']);
  });

  test('has a paravirtual controller and two vmxnet3 on networks that are declared', () => {
    expect(all(/<rasd:ResourceSubType>(.*)</g)).toEqual([
      'VirtualSCSI',
      'vmware.cdrom.remotepassthrough',
      'VmxNet3',
      'VmxNet3',
    ]);
    expect(all(/<rasd:Connection>(.*)</g)).toEqual(all(/<Network ovf:name="(.*)"/g));
  });

  test('lets a host ignore every VMware extension', () => {
    const extensions = all(/<(vmw:(?:Config|ExtraConfig) [^>]*)/g);
    expect(extensions.length).toBeGreaterThan(0);
    for (const extension of extensions) expect(extension).toContain('ovf:required="false"');
  });

  test('asks the first-start questions over both transports, with keys free of points and colons', () => {
    expect(all(/<VirtualHardwareSection ovf:transport="([^"]+)"/g)).toEqual(['iso com.vmware.guestInfo']);
    expect(all(/<ProductSection ovf:class="([^"]+)"/g)).toEqual(['mss']);
    const keys = all(/<Property ovf:key="([^"]+)"/g);
    const wanted = 'dns fetch-et-open gateway home-net hostname ip proxy root-password sensor-type ssh-key timezone';
    expect([...keys].sort()).toEqual(wanted.split(' '));
    expect(keys.filter((key) => /[.:]/.test(key))).toEqual([]);
    expect(all(/<Property ovf:key="([^"]+)"[^>]*ovf:password="true"/g)).toEqual(['root-password']);
  });
});

test('the manifest lists the descriptor first, in the form of OVF 1.x', () => {
  const digest = createHash('sha256').update(ovf).digest('hex');
  const text = renderOvfManifest([
    ['a.ovf', digest],
    ['a-disk1.vmdk', 'ff'],
  ]);
  expect(text).toBe(`SHA256(a.ovf)= ${digest}\nSHA256(a-disk1.vmdk)= ff\n`);
});

describe('templates', () => {
  test('escape what would end an attribute', () => {
    expect(renderTemplate('<a b="{{X}}"/>', { X: '"<&' })).toBe('<a b="&quot;&lt;&amp;"/>');
  });

  test('refuse a hole without a value and a value without a hole', () => {
    expect(() => renderTemplate('{{X}}', {})).toThrow('hole X');
    expect(() => renderTemplate('', { Y: 1 })).toThrow('no hole Y');
  });
});

test('the capacity of a VMDK is its header’s sector count', () => {
  const header = Buffer.alloc(512);
  header.write('KDMV');
  header.writeBigUInt64LE(33_554_432n, 12);
  expect(parseVmdkCapacity(header)).toBe(16 * 1024 ** 3);
  expect(() => parseVmdkCapacity(Buffer.alloc(512))).toThrow('KDMV');
});
