// The real service between two hosts in network namespaces of their own: a router that sees both directions, as a mirror does.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BlockReport } from '../../src/api/block.ts';
import type { ServiceStatus } from '../../src/api/status.ts';
import { pathsUnder } from '../../src/paths.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';

const INSIDE = `mss-in-${process.pid}`;
const ROUTER = `mss-mid-${process.pid}`;
const OUTSIDE = `mss-out-${process.pid}`;
const allowed = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', ROUTER]).status === 0;
if (!allowed) process.stderr.write('softips.test.ts is skipped: it needs root and network namespaces\n');

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
const children: ChildProcess[] = [];
let root: string;
const at = () => pathsUnder(root);

beforeAll(() => {
  if (!allowed) return;
  for (const name of [INSIDE, OUTSIDE]) execFileSync('ip', ['netns', 'add', name]);
  const link = (host: string, name: string, net: number) => {
    const ip = (namespace: string, ...args: string[]) => execFileSync('ip', ['-n', namespace, ...args]);
    ip(ROUTER, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    for (const [namespace, device, last] of [
      [ROUTER, name, 254],
      [host, 'eth0', 1],
    ] as const) {
      ip(namespace, 'addr', 'add', `10.77.${net}.${last}/24`, 'dev', device);
      ip(namespace, 'addr', 'add', `fd77:${net}::${last}/64`, 'dev', device, 'nodad');
      ip(namespace, 'link', 'set', device, 'up');
    }
    ip(host, 'route', 'add', 'default', 'via', `10.77.${net}.254`);
    ip(host, '-6', 'route', 'add', 'default', 'via', `fd77:${net}::254`);
  };
  link(INSIDE, 'inside', 1);
  link(OUTSIDE, 'outside', 2);
  const settings = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'];
  execFileSync('ip', ['netns', 'exec', ROUTER, 'sysctl', '-qw', ...settings]);
});
afterAll(() => {
  if (allowed) for (const name of [INSIDE, ROUTER, OUTSIDE]) spawnSync('ip', ['netns', 'del', name]);
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-softips-'));
  for (const dir of [at().stateDir('softips'), at().statusDir]) mkdirSync(dir, { recursive: true });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const status = (): ServiceStatus => JSON.parse(readFileSync(at().statusFile('softips'), 'utf8'));
const reports = (): BlockReport[] =>
  readdirSync(at().spoolDir('softips'))
    .flatMap((name) => readFileSync(join(at().spoolDir('softips'), name), 'utf8').split('\n'))
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line).block);

async function startService(respond: object): Promise<ChildProcess> {
  const desired = { capture: { interfaces: ['inside', 'outside'] }, respond };
  writeFileSync(at().desiredFile, JSON.stringify(desired));
  const child = inNamespace(ROUTER, 'services/softips/main.ts');
  await until(() => expect(status()).toMatchObject({ pid: child.pid, state: 'running' }));
  await until(() => expect(status().detail.blocks).toBeDefined());
  return child;
}

function inNamespace(namespace: string, ...command: string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...command], {
    env: { ...process.env, MSS_ROOT: root },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** Asks as ids does. */
function request(remote: string, host?: string): void {
  const writer = new SpoolWriter(at().spoolDir('blocks'));
  const wish = { remote, host, minutes: 60, why: 'rule 1:9000001' };
  writer.append({ type: 'block-request', timeUs: Date.now() * 1000, request: wish });
  writer.flush();
  writer.close();
}

/** A conversation between the two hosts; each end says in a line how it fares. */
async function talk(kind: 'tcp' | 'udp', host: string): Promise<{ client: Lines; server: Lines }> {
  const server = linesOf(inNamespace(OUTSIDE, 'test/softips/peer.ts', `${kind}-server`, host));
  await server.until('listening');
  const client = linesOf(inNamespace(INSIDE, 'test/softips/peer.ts', `${kind}-client`, host));
  await client.until('answered');
  return { client, server };
}

class Lines {
  readonly seen: string[] = [];
  async until(line: string): Promise<void> {
    await until(() => expect(this.seen).toContain(line));
  }
}
function linesOf(child: ChildProcess): Lines {
  const lines = new Lines();
  createInterface({ input: child.stdout! }).on('line', (line) => lines.seen.push(line));
  return lines;
}

const FAMILIES = [
  ['IPv4', '10.77.2.1', '10.77.1.1'],
  ['IPv6', 'fd77:2::1', 'fd77:1::1'],
] as const;

describe.skipIf(!allowed)('softips', () => {
  test.each(FAMILIES)('a TCP transfer over %s is reset at both ends when its rule fires', async (_, remote, host) => {
    await startService({ mode: 'block' });
    const { client, server } = await talk('tcp', remote);
    request(remote, host);
    await Promise.all([client.until('reset'), server.until('reset')]);
    expect(reports().map(({ action }) => action)).toEqual(expect.arrayContaining(['block', 'cut']));
    expect(reports().find(({ action }) => action === 'block')).toMatchObject({ remote, host, why: 'rule 1:9000001' });
  });

  test.each(FAMILIES)('a UDP sender over %s is told that nobody listens', async (_, remote, host) => {
    await startService({ mode: 'block' });
    const { client } = await talk('udp', remote);
    request(remote, host);
    await client.until('refused');
  });

  test('simulate touches nothing, and says what it would have done', async () => {
    await startService({ mode: 'simulate' });
    const { client, server } = await talk('tcp', '10.77.2.1');
    request('10.77.2.1', '10.77.1.1');
    await until(() => expect(reports().map(({ action }) => action)).toEqual(['would-block', 'would-cut']));
    const before = client.seen.filter((line) => line === 'answered').length;
    await until(() => expect(client.seen.filter((line) => line === 'answered').length).toBeGreaterThan(before + 3));
    expect([...client.seen, ...server.seen]).not.toContain('reset');
    expect(status().counters).toMatchObject({ cutPackets: 0 });
  });

  test.each([
    ['allow-listed', { allow: ['10.77.2.0/24'] }, '10.77.2.1'],
    ["the sensor's own", {}, '10.77.1.254'],
  ])('an address that is %s is refused', async (_, respond, remote) => {
    await startService({ mode: 'block', ...respond });
    request(remote);
    await until(() => expect(reports()).toMatchObject([{ action: 'refuse', remote, why: /protected/ }]));
    expect(status().detail.blocks).toEqual([]);
  });

  test('an allow-listed host inside a blocked network goes on talking', async () => {
    await startService({ mode: 'block', allow: ['10.77.1.1'], block: ['10.77.2.0/24'] });
    const { client } = await talk('tcp', '10.77.2.1');
    await until(() => expect(status().counters.protectedPackets).toBeGreaterThan(3));
    expect(client.seen).not.toContain('reset');
  });

  test('an entry that is too wide, and an interface that is not there, are said and cost nothing else', async () => {
    await startService({ mode: 'block', interface: 'nowhere', block: ['0.0.0.0/0', '198.51.100.7'] });
    expect(status().detail.blocks).toMatchObject([{ target: '198.51.100.7' }]);
    const warnings = status().warnings.map(({ text }) => text);
    expect(warnings).toEqual([
      expect.stringMatching(/0\.0\.0\.0\/0 is too wide/),
      expect.stringMatching(/respond\.interface nowhere/),
    ]);
  });

  test("a person's block comes and goes with a reload; a rule's is there again after kill -9", async () => {
    const first = await startService({ mode: 'block', block: ['198.51.100.0/24'] });
    request('203.0.113.9');
    await until(() => expect(status().detail.blocks).toHaveLength(2));
    const exited = once(first, 'exit');
    first.kill('SIGKILL');
    await exited;
    const second = await startService({ mode: 'block' });
    expect(status().detail.blocks).toMatchObject([{ target: '203.0.113.9', byPerson: false }]);
    writeFileSync(
      at().desiredFile,
      JSON.stringify({ capture: { interfaces: ['inside'] }, respond: { block: ['198.51.100.7'] } }),
    );
    second.kill('SIGHUP');
    await until(() => expect(status().detail).toMatchObject({ mode: 'simulate', blocks: { length: 2 } }));
  });
});
