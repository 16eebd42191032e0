// bond0 on the real kernel, with `ip -j -d link` as the oracle; in a network namespace of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const NAMESPACE = `mss-bond-${process.pid}`;
const ip = (...args: string[]) => execFileSync('ip', ['-n', NAMESPACE, ...args], { encoding: 'utf8' });
const inNamespace = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', NAMESPACE]).status === 0;
const allowed = inNamespace && spawnSync('ip', ['-n', NAMESPACE, 'link', 'add', 'probe', 'type', 'bond']).status === 0;
// without a test to run, no afterAll runs either
if (inNamespace && !allowed) execFileSync('ip', ['netns', 'del', NAMESPACE]);
if (!allowed) process.stderr.write("keep-bond.test.ts is skipped: it needs root and the kernel's bonding module\n");

const SCRIPT = `const { keepBond } = await import(${JSON.stringify(resolve('src/capture/keep-bond.ts'))});
console.log(JSON.stringify(await keepBond(process.argv.slice(1))));`;

/** What it says of its members. */
function keep(...members: string[]): string[] {
  const node = [process.execPath, '--input-type=module', '-e', SCRIPT, ...members];
  return JSON.parse(execFileSync('ip', ['netns', 'exec', NAMESPACE, ...node], { encoding: 'utf8' })) as string[];
}

interface IpLink {
  ifname: string;
  flags: string[];
  master?: string;
  linkinfo?: { info_kind?: string; info_data?: { mode?: string; miimon?: number } };
}
const links = () => JSON.parse(ip('-j', '-d', 'link')) as IpLink[];
const membersOf = (name: string) => links().flatMap(({ ifname, master }) => (master === name ? ifname : []));

beforeAll(() => {
  if (!allowed) return;
  ip('link', 'del', 'probe');
  for (const name of ['left', 'right']) {
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-end`);
    ip('link', 'set', name, 'up');
  }
});
afterAll(() => {
  if (allowed) execFileSync('ip', ['netns', 'del', NAMESPACE]);
});

test.skipIf(!allowed)('made of members that are up, changed, and removed', () => {
  expect(keep('left', 'right', 'absent')).toEqual(['absent of bond0 is not there']);
  expect(membersOf('bond0').sort()).toEqual(['left', 'right']);
  const bond = links().find(({ ifname }) => ifname === 'bond0')!;
  expect(bond.linkinfo).toMatchObject({ info_kind: 'bond', info_data: { mode: 'balance-rr', miimon: 100 } });
  expect(bond.flags).toEqual(expect.arrayContaining(['UP', 'PROMISC', 'NOARP']));
  expect(keep('right')).toEqual([]);
  expect(membersOf('bond0')).toEqual(['right']);
  expect(keep()).toEqual([]);
  expect(links().some(({ ifname }) => ifname === 'bond0')).toBe(false);
});
