// Encryption at rest as a person meets it: a pair of keys made, packets refused without it, given with it, and for a
// time to all.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listUnlocked } from '../../../src/os/packet-key-files.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { parsePublicKey } from '../../../src/store/sealed/packet-keys.ts';
import { openRingStore, storeFrames } from '../../capture/ring-store-rig.ts';
import { frame } from '../../pcap/frames.ts';

const SHM = '/dev/shm';
/** Unlocked keys lie in memory only. */
const base = existsSync(SHM) ? SHM : tmpdir();

let root: string;
let store: string;
let pem: string;
let id: string;
const at = () => pathsUnder(root);

function mss(...args: string[]) {
  const { MSS_ROOT: _, ...env } = process.env;
  const ran = spawnSync(process.execPath, [resolve('services/console/mss.ts'), ...args], {
    cwd: root,
    env: { ...env, MSS_ROOT: root },
  });
  const lines = ran.stdout.toString().split('\n');
  const json = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { status: ran.status, stdout: ran.stdout.toString(), stderr: ran.stderr.toString(), json };
}
const packets = (...more: string[]) => mss('packets', '--store', store, '--json', ...more);

beforeAll(() => {
  root = mkdtempSync(join(base, 'mss-key-'));
  pem = join(root, 'owner.pem');
  store = join(root, 'store');
  mkdirSync(store);
  mkdirSync(at().unlockedKeysDir, { recursive: true });
  const { json } = mss('key', 'new', '-w', pem, '--json');
  id = String(json[0].id);
  const publicKey = String(json[0].publicKey);
  mkdirSync(dirname(at().desiredFile), { recursive: true });
  writeFileSync(at().desiredFile, JSON.stringify({ version: 1, packetLog: { encryptTo: [publicKey] } }));
  const ring = openRingStore(store, [{ publicKey: parsePublicKey(publicKey), isWriter: false }]);
  const data = frame({
    src: '10.0.0.1',
    dst: '192.0.2.1',
    proto: 6,
    srcPort: 4000,
    dstPort: 80,
    seq: 1,
    payload: Buffer.from('secret-4711'),
  });
  storeFrames(ring, [{ data, second: 1_700_000_000, nanosecond: 0 }]);
  ring.endSegment();
});
afterAll(() => rmSync(root, { recursive: true }));

test('the private key is in a file that its owner alone can read, is not overwritten, and openssl knows it', () => {
  expect(statSync(pem).mode & 0o777).toBe(0o600);
  expect(readFileSync(pem, 'latin1')).toMatch(
    /^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=]{64}\n-----END PRIVATE KEY-----\n$/,
  );
  const again = mss('key', 'new', '-w', pem);
  expect(again.status).toBe(1);
  expect(again.stderr).toContain(pem);
  expect(mss('key', 'show', pem, '--json').json).toMatchObject([{ type: 'key', id }]);
  expect(mss('key', 'show').stdout).toContain(`${id}  `);
});

test('without -w it is shown, once', () => {
  const { stdout } = mss('key', 'new');
  expect(stdout).toContain('-----BEGIN PRIVATE KEY-----');
  expect(stdout).toContain('mss config set packetLog.encryptTo ');
  expect(readdirSync(root).filter((name) => name.endsWith('.pem'))).toEqual(['owner.pem']);
});

test('packets, their text and their contents are refused without the key, and given with it', () => {
  for (const args of [[], ['--filter', 'host 192.0.2.1', '--regex', 'secret']]) {
    const refused = packets(...args);
    expect(refused.status).toBe(1);
    expect(refused.json).toMatchObject([{ type: 'error', code: 'locked' }]);
    expect(refused.stderr).toContain(`1 of 1 segments of this time are encrypted with key ${id}`);
    expect(packets(...args, '--key', pem).json.at(-1)).toMatchObject({ type: 'summary', packets: 1 });
  }
  expect(mss('packets', '--store', store, '--text', '--key', pem).stdout).toContain('secret-4711');
  writeFileSync(join(root, 'no-key.pem'), 'nothing');
  expect(packets('--key', join(root, 'no-key.pem')).stderr).toContain('no private key');
});

test.skipIf(base !== SHM)('unlocked for a time, for everyone who may read the packet log', () => {
  const unlocked = mss('key', 'unlock', pem, '--hours', '0.5', '--json');
  expect(unlocked.json).toMatchObject([{ type: 'unlocked', id }]);
  const [file] = readdirSync(at().unlockedKeysDir);
  expect(statSync(join(at().unlockedKeysDir, file)).mode & 0o777).toBe(0o640);
  expect(packets().json.at(-1)).toMatchObject({ packets: 1 });
  expect(mss('key', 'show').stdout).toContain('unlocked until');
  const inAnHourMs = Date.now() + 3_600_000;
  expect(listUnlocked(at().unlockedKeysDir, Date.now())).toHaveLength(1);
  expect(listUnlocked(at().unlockedKeysDir, inAnHourMs)).toEqual([]);
  expect(mss('key', 'unlock', pem).status).toBe(0); // takes the place of the first
  expect(readdirSync(at().unlockedKeysDir)).toHaveLength(1);
  expect(mss('key', 'lock', '--json').json).toEqual([{ type: 'locked', keys: 1 }]);
  expect(packets().status).toBe(1);
});

test('keys are not unlocked onto a disk, nor for ever', () => {
  expect(mss('key', 'unlock', pem, '--hours', '1000').status).toBe(2);
  rmSync(at().unlockedKeysDir, { recursive: true });
  const refused = mss('key', 'unlock', pem);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('cannot be unlocked');
});
