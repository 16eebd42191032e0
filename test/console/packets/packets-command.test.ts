// mss packets as a person runs it: contents searched, streams as text, files carved, and what it says when it refuses.
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StoreWriter } from '../../../src/store/store-writer.ts';
import { frame, tunnelled } from '../../pcap/frames.ts';

let dir: string;
let store: string;
const up = { src: '10.0.0.1', dst: '192.0.2.1', proto: 6, srcPort: 4000, dstPort: 80 };
const down = { src: '192.0.2.1', dst: '10.0.0.1', proto: 6, srcPort: 80, dstPort: 4000 };
const outer = { src: '172.16.0.1', dst: '172.16.0.2' };

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-packets-'));
  store = mkdtempSync(join(dir, 'store-'));
  const writer = new StoreWriter(store);
  const body = `HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nsecret-`;
  const frames = [
    frame({ ...up, seq: 100, payload: Buffer.from('GET /x/report.txt HTTP/1.1\r\nHost: a.test\r\n\r\n') }),
    frame({ ...down, seq: 99, flags: 0x12, payload: Buffer.alloc(0) }),
    frame({ ...down, seq: 100 + body.length, payload: Buffer.from('4711\u001b') }), // before what it follows
    frame({ ...down, seq: 100, payload: Buffer.from(body) }),
    frame({ ...up, srcPort: 4001, seq: 1, payload: Buffer.from('nothing of interest') }),
    tunnelled('vxlan', outer, { ...up, srcPort: 4002, seq: 1, payload: Buffer.from('SECRET-4711 inside') }),
  ];
  for (const [i, data] of frames.entries()) {
    const timeNs = 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000_000n;
    writer.appendPacket({ timeNs, linkType: 1, capturedLength: data.length, originalLength: data.length, data });
  }
  writer.close();
});
afterAll(() => rmSync(dir, { recursive: true }));

function mss(...args: string[]) {
  const ran = spawnSync(process.execPath, [resolve('services/console/mss.ts'), 'packets', '--store', store, ...args], {
    cwd: dir,
  });
  const lines = ran.stdout
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const json = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr.toString(), json };
}

test('a regular expression over reassembled streams: all packets of the conversations in which it matches', () => {
  const { json } = mss('--filter', 'host 10.0.0.1', '--regex', 'secret-\\d{4}', '--json');
  expect(json).toMatchObject([
    { type: 'match', direction: '192.0.2.1:80 > 10.0.0.1:4000 tcp', text: 'secret-4711' },
    { type: 'summary', packets: 4 },
  ]);
});

test('inside a tunnel, whatever the capitals', () => {
  const { json } = mss('--filter', 'inner host 10.0.0.1', '--regex', 'secret-\\d+', '--ignore-case', '--json');
  expect(json).toMatchObject([{ text: 'SECRET-4711' }, { type: 'summary', packets: 1 }]);
});

test('the stream as text: in order, control characters escaped', () => {
  const { stdout, stderr } = mss('--flow', '10.0.0.1,4000,192.0.2.1,80,tcp', '--text');
  expect(stdout.toString()).toContain(
    '--- 192.0.2.1:80 > 10.0.0.1:4000 tcp\nHTTP/1.1 200 OK\nContent-Length: 12\n\nsecret-4711\\x1b',
  );
  expect(stderr).toMatch(/^4 packets/);
});

test('files carved into a folder, with their list; nothing is written over or through a link', () => {
  const into = join(dir, 'files');
  expect(mss('--filter', 'host 10.0.0.1', '--files', into, '--json').json).toMatchObject([{ files: 1 }]);
  expect(readdirSync(into)).toEqual(['0001-report.txt', 'files.json']);
  expect(readFileSync(join(into, '0001-report.txt'), 'latin1')).toBe('secret-4711\u001b');
  const [listed] = JSON.parse(readFileSync(join(into, 'files.json'), 'utf8')) as Record<string, unknown>[];
  expect(listed).toMatchObject({ url: 'http://a.test/x/report.txt', bytes: 12, whole: true });
  rmSync(join(into, '0001-report.txt'));
  symlinkSync('/dev/null', join(into, '0001-report.txt'));
  const again = mss('--filter', 'host 10.0.0.1', '--files', into);
  expect([again.status, again.stderr]).toEqual([1, expect.stringMatching(/cannot write .*0001-report.txt: EEXIST/)]);
  expect(lstatSync(join(into, '0001-report.txt')).isSymbolicLink()).toBe(true);
});

test('files as a tar on standard output', () => {
  const { stdout } = mss('--filter', 'host 10.0.0.1', '--files', '-');
  const listed = spawnSync('tar', ['-tf', '-'], { input: stdout });
  expect(listed.stdout.toString()).toBe('0001-report.txt\nfiles.json\n');
});

test.each([
  [['--regex', 'x'], /searched of certain addresses only/],
  [['--filter', 'host 10.0.0.1', '--regex', '(?=x)'], /without look-around/],
  [['--filter', 'tcp[13', '--json'], /the filter ends at column 7/],
  [['--text', '-w', '-'], /-w - and --text want standard output/],
  [['--around', 'now', '--from', '-1h'], /--around says both ends/],
])('%s is refused', (args, message) => {
  const { status, stderr } = mss(...args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test.each([
  [['--filter', 'host 10.0.0.1', '--regex', 'nowhere'], /nowhere in the \d+ bytes that \d packets carry/],
  [['--filter', 'host 203.0.113.1'], /no such flow or host was seen/],
  [['--filter', 'host 10.0.0.1', '--to', '2020-01-01'], /asked for earlier than anything stored/],
])('%s: why nothing is found', (args, why) => {
  expect(mss(...args).stdout.toString()).toMatch(why);
});
