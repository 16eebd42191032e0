// Network settings come into force at once and go back unless confirmed: by timer, after a crash, and when they fail.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NetworkJobs } from '../../../src/control/jobs/set-network.ts';
import { makeMachine } from './machine.ts';

const FILE = 'etc/systemd/network/10-mss-management.network';
const RELOAD =
  'busctl --quiet call org.freedesktop.network1 /org/freedesktop/network1 org.freedesktop.network1.Manager Reload';
const STATIC = {
  method: 'static',
  interface: 'eth0',
  hostName: 'sensor7',
  dns: ['192.0.2.53'],
  address: '192.0.2.7/24',
  gateway: '192.0.2.1',
};

let box: ReturnType<typeof makeMachine>;
let reverts: string[];
let jobs: NetworkJobs;
let networkdFails = false;
const read = (file: string) => readFileSync(join(box.root, file), 'utf8');
const set = (management: unknown, confirmSeconds = 60) =>
  jobs.set({ job: 'set-network', management, confirmSeconds }, () => {});

beforeEach(() => {
  vi.useFakeTimers();
  networkdFails = false;
  box = makeMachine((command) =>
    command === 'busctl' && networkdFails ? { code: 1, stderr: 'no networkd' } : undefined,
  );
  box.write('nsm/etc/appliance', '');
  box.write('etc/hostname', 'sensor\n');
  box.write('etc/hosts', '127.0.0.1 localhost\n127.0.1.1 sensor\n192.0.2.9 friend\n');
  reverts = [];
  jobs = new NetworkJobs(box.machine, (text) => reverts.push(text));
});
afterEach(() => {
  jobs.close();
  vi.useRealTimers();
  box.remove();
});

test('confirmed settings stay, with host name, hosts and the interfaces that listen', async () => {
  await set(STATIC);
  expect(jobs.confirm().text).toMatch(/kept/);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(read(FILE)).toContain('Address=192.0.2.7/24\nGateway=192.0.2.1\nDNS=192.0.2.53');
  expect(read('etc/hostname')).toBe('sensor7\n');
  expect(read('etc/hosts')).toBe('127.0.0.1 localhost\n192.0.2.9 friend\n127.0.1.1 sensor7\n');
  expect(read('etc/systemd/network/11-mss-listening.network')).toContain('Name=!eth0');
  expect(read('etc/nftables.d/mss-listening.nft')).not.toContain('"eth0"');
  expect(box.calls).toEqual([
    RELOAD,
    'hostnamectl set-hostname sensor7',
    'systemctl try-reload-or-restart nftables.service',
  ]);
  expect(reverts).toEqual([]);
});

test('unconfirmed settings go back after their time', async () => {
  await set(STATIC);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(existsSync(join(box.root, FILE))).toBe(true);
  await vi.advanceTimersByTimeAsync(1000);
  await vi.waitFor(() => expect(reverts).toHaveLength(1));
  expect(existsSync(join(box.root, FILE))).toBe(false);
  expect(read('etc/hostname')).toBe('sensor\n');
  expect(read('etc/hosts')).toContain('127.0.1.1 sensor\n');
  expect(box.calls.filter((call) => call === RELOAD)).toHaveLength(2);
  expect(() => jobs.confirm()).toThrow(/gone back/);
});

test('a confirmation that comes while they go back is refused, and does not stop that', async () => {
  await set(STATIC);
  vi.advanceTimersByTime(60_000); // only the timer: what it began is still under way
  expect(() => jobs.confirm()).toThrow(/gone back/);
  await vi.waitFor(() => expect(reverts).toHaveLength(1));
  expect(read('etc/hostname')).toBe('sensor\n');
});

test('what was remembered and cannot be read is said, and control starts all the same', async () => {
  box.write('var/lib/mss/control/pending-network.json', '[{');
  await jobs.recover();
  expect(reverts).toEqual([expect.stringMatching(/could not be put back: .*JSON/)]);
});

test('after a crash the next start puts back what was unconfirmed', async () => {
  await set(STATIC);
  jobs.close();
  const next = new NetworkJobs(box.machine, (text) => reverts.push(text));
  await next.recover();
  expect(existsSync(join(box.root, FILE))).toBe(false);
  expect(reverts[0]).toMatch(/restarted/);
  await next.recover();
  expect(reverts).toHaveLength(1);
});

test('a second change before confirmation goes back to what was known to work', async () => {
  await set(STATIC);
  await set({ ...STATIC, address: '192.0.2.8/24' });
  expect(read(FILE)).toContain('192.0.2.8/24');
  await vi.advanceTimersByTimeAsync(61_000);
  await vi.waitFor(() => expect(reverts).toHaveLength(1));
  expect(existsSync(join(box.root, FILE))).toBe(false);
});

test('settings that cannot be applied go back at once', async () => {
  networkdFails = true;
  await expect(set(STATIC)).rejects.toThrow(/no networkd/);
  expect(existsSync(join(box.root, FILE))).toBe(false);
  expect(() => jobs.confirm()).toThrow(/no network settings/);
});

test('with 0 seconds they are in force for good', async () => {
  await set({ method: 'dhcp', interface: 'eth1', hostName: 'sensor', dns: [] }, 0);
  expect(read(FILE)).toContain('Name=eth1');
  expect(read('etc/nftables.d/mss-listening.nft')).toContain('"eth0"');
  expect(() => jobs.confirm()).toThrow(/no network settings/);
});

test.each([
  ['a gateway elsewhere', { ...STATIC, gateway: '198.51.100.1' }, /gateway must lie in the network/],
  ['an address without prefix', { ...STATIC, address: '192.0.2.7' }, /with its prefix/],
  ['a line break in the host name', { ...STATIC, hostName: 'a\n[Network]' }, /host name/],
  ['an interface that is no name', { ...STATIC, interface: 'eth0\nName=*' }, /interface name/],
  ['a DNS server that is no address', { ...STATIC, dns: ['dns.example'] }, /IP address/],
])('%s is refused before anything changes', async (_what, management, reason) => {
  await expect(set(management)).rejects.toThrow(reason);
  expect(box.calls).toEqual([]);
});

test('on plain Linux the network is left alone', async () => {
  const plain = makeMachine();
  const there = new NetworkJobs(plain.machine, () => {});
  await expect(there.set({ job: 'set-network', management: STATIC, confirmSeconds: 0 }, () => {})).rejects.toThrow(
    /not the sensor's/,
  );
  plain.remove();
});
