// Against the real kernel, with `ip -j -d link` as the oracle; in a network namespace of its own.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IFF, type Link, type LinkChange } from '../../../src/os/netlink/link-message.ts';

const NAMESPACE = `mss-link-${process.pid}`;
const allowed = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', NAMESPACE]).status === 0;
if (!allowed) process.stderr.write('link-watch.test.ts is skipped: it needs root and network namespaces\n');

interface Said {
  links?: Link[];
  listed?: Link[];
  error?: string;
}

let peer: ChildProcess;
let lines: AsyncIterator<string>;
const ip = (...args: string[]) => execFileSync('ip', ['-n', NAMESPACE, ...args], { encoding: 'utf8' });

interface IpLink {
  ifindex: number;
  ifname: string;
  flags: string[];
  master?: string;
  ifalias?: string;
  inet6_addr_gen_mode: string;
  linkinfo?: { info_kind?: string };
}
const ipLinks = () => JSON.parse(ip('-j', '-d', 'link')) as IpLink[];

/** What `ip` sees, in our words; the index of a master is known by its name. */
function oracle(): Partial<Link>[] {
  const links = ipLinks();
  return links.map(({ ifindex, ifname, flags, master, ifalias, linkinfo }) => ({
    index: ifindex,
    name: ifname,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    promiscuous: flags.includes('PROMISC'),
    masterIndex: links.find((one) => one.ifname === master)?.ifindex,
    kind: linkinfo?.info_kind,
    alias: ifalias,
    bond: undefined,
  }));
}

/** The next line that `wanted` takes; what comes before it is passed over. */
async function hear(wanted: (said: Said) => boolean): Promise<Said> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the peer ended');
    const said = JSON.parse(value) as Said;
    if (wanted(said)) return said;
  }
}

async function ask(name: string, what: { change?: LinkChange; remove?: true }): Promise<Said> {
  peer.stdin!.write(`${JSON.stringify({ name, ...what })}\n`);
  return await hear(({ listed, error }) => listed !== undefined || error !== undefined);
}

const linkOf = (said: Said, name: string) => said.links?.find((link) => link.name === name);

beforeAll(async () => {
  if (!allowed) return;
  ip('link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right');
  ip('link', 'add', 'spare', 'type', 'veth', 'peer', 'name', 'end');
  ip('link', 'set', 'spare', 'alias', 'not ours');
  ip('link', 'set', 'lo', 'up');
  const args = ['netns', 'exec', NAMESPACE, process.execPath, 'test/os/netlink/links.ts'];
  peer = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  lines = createInterface({ input: peer.stdout! })[Symbol.asyncIterator]();
});

afterAll(() => {
  peer?.kill('SIGKILL');
  if (allowed) execFileSync('ip', ['netns', 'del', NAMESPACE]);
});

test.skipIf(!allowed)('the list is what ip shows', async () => {
  const { links } = await hear((said) => said.links !== undefined);
  expect(links).toEqual(JSON.parse(JSON.stringify(oracle())));
});

test.skipIf(!allowed)('a change is made: up, promiscuous, no ARP, no IPv6 address, a name to know it by', async () => {
  const { listed } = await ask('right', {
    change: {
      flags: IFF.up | IFF.promiscuous | IFF.noArp,
      flagsMask: IFF.up | IFF.promiscuous | IFF.noArp | IFF.multicast,
      alias: 'ours',
      noIpv6Addresses: true,
    },
  });
  expect(listed).toEqual(JSON.parse(JSON.stringify(oracle())));
  const right = ipLinks().find(({ ifname }) => ifname === 'right')!;
  expect(right).toMatchObject({ ifalias: 'ours', inet6_addr_gen_mode: 'none' });
  expect(right.flags).toEqual(expect.arrayContaining(['UP', 'PROMISC', 'NOARP']));
  expect(right.flags).not.toContain('MULTICAST');
});

test.skipIf(!allowed)('what others do is heard of: a cable in and out, a new name, a link that goes', async () => {
  ip('link', 'set', 'left', 'up');
  await hear((said) => linkOf(said, 'right')?.carrier === true);
  ip('link', 'set', 'left', 'down');
  await hear((said) => linkOf(said, 'right')?.carrier === false);
  ip('link', 'set', 'spare', 'name', 'other');
  await hear((said) => linkOf(said, 'other') !== undefined && linkOf(said, 'spare') === undefined);
  ip('link', 'del', 'other');
  await hear((said) => said.links !== undefined && linkOf(said, 'other') === undefined);
});

test.skipIf(!allowed)('a refusal names what could not be done and the reason', async () => {
  expect(await ask('nothing', { change: { flags: IFF.up, flagsMask: IFF.up } })).toMatchObject({
    error: expect.stringMatching(/^cannot change nothing: (ENODEV|EINVAL)$/),
  });
  await hear(({ listed }) => listed !== undefined);
  const { listed } = await ask('left', { remove: true });
  expect(listed?.map(({ name }) => name)).not.toContain('right');
});

test.skipIf(!allowed)('told to, it lets go: the process ends by itself', async () => {
  const ended = once(peer, 'exit');
  peer.stdin!.end();
  expect(await ended).toEqual([0, null]);
});
