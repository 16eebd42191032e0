// /sys/class/net as the kernel lays it out: cards, a bond with its parts, and what is none of ours.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readInterfaces } from '../../src/os/interfaces.ts';

let sys: string;
beforeEach(() => {
  sys = mkdtempSync(join(tmpdir(), 'mss-sys-'));
});
afterEach(() => rmSync(sys, { recursive: true }));

function add(name: string, files: Record<string, string>, kind: 'device' | 'bonding' | 'none'): void {
  const dir = join(sys, 'class/net', name);
  mkdirSync(join(dir, 'statistics'), { recursive: true });
  if (kind !== 'none') mkdirSync(join(dir, kind));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), `${text}\n`);
  }
}

test('cards in the order of their numbers, with link, counters and the bond they are in', () => {
  const counters = { 'statistics/rx_packets': '10', 'statistics/rx_bytes': '900' };
  add('mss10', { flags: '0x1003', carrier: '1', speed: '10000', address: '02:00:00:00:00:10', ...counters }, 'device');
  add(
    'mss2',
    { flags: '0x1103', carrier: '0', speed: '-1', 'master/uevent': 'DEVTYPE=bond\nINTERFACE=bond0' },
    'device',
  );
  add(
    'bond0',
    { flags: '0x1403', carrier: '1', 'statistics/rx_dropped': '2', 'statistics/rx_missed_errors': '3' },
    'bonding',
  );
  add('lo', { flags: '0x9' }, 'none');
  add('docker0', { flags: '0x1003' }, 'none');
  const found = readInterfaces(sys);
  expect(found.map(({ name }) => name)).toEqual(['bond0', 'mss2', 'mss10']);
  const [bond, second, tenth] = found;
  expect(bond).toMatchObject({ rxDropped: 5, master: undefined });
  expect(second).toMatchObject({ up: true, carrier: false, promiscuous: true, master: 'bond0', speedMbps: undefined });
  expect(tenth).toMatchObject({
    up: true,
    carrier: true,
    promiscuous: false,
    speedMbps: 10_000,
    rxPackets: 10,
    rxBytes: 900,
  });
});
