// The sensor's files as they can be: missing, broken, old. A snapshot always comes, and says what is wrong.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSnapshot } from '../../src/console/read-snapshot.ts';
import { pathsUnder } from '../../src/paths.ts';

let root: string;
const at = () => pathsUnder(root);
const write = (file: string, text: string) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-snapshot-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('nothing there yet: no fault, no identity, the default configuration', async () => {
  const snapshot = await readSnapshot(at());
  expect(snapshot.faults).toEqual([]);
  expect(snapshot.identity).toBeUndefined();
  expect(snapshot.storage).toBeUndefined();
  expect(snapshot.config.capture.snaplen).toBe(65535);
  expect(snapshot.services.every(({ status }) => status === undefined)).toBe(true);
});

test('each broken file is a fault with its name; the others still count', async () => {
  write(at().uuidFile, 'export sid=one\nexport uuid=nonsense\n');
  write(at().desiredFile, '{"capture":{"snaplen":1}}');
  write(at().statusFile('ids'), '{"service":');
  write(at().statusFile('capture'), '{"service":"capture","state":"running"}');
  const { faults, services } = await readSnapshot(at());
  expect(faults.join('\n')).toMatch(/nsm\/etc\/UUID/);
  expect(faults.join('\n')).toMatch(/capture.snaplen/);
  expect(faults).toHaveLength(3);
  expect(services.find(({ name }) => name === 'capture')?.status?.state).toBe('running');
});

test('a share that is not mounted is told from its mount point', async () => {
  const storage = {
    kind: '9p',
    mountPoint: at().packetMount,
    dir: `${at().packetMount}/x`,
    label: 'nsm',
    totalBytes: 1,
  };
  mkdirSync(at().packetMount, { recursive: true });
  write(at().storageFile, JSON.stringify(storage));
  expect((await readSnapshot(at())).storage).toMatchObject({ label: 'nsm', mounted: false });
});

test('wrong answers of first start are news for a day', async () => {
  write(at().firstStartFile, '{"done":["answers"],"problems":["mss.proxy: no"]}');
  expect((await readSnapshot(at())).faults).toEqual(['first start: mss.proxy: no']);
  const before = Date.now() / 1000 - 90_000;
  utimesSync(at().firstStartFile, before, before);
  expect((await readSnapshot(at())).faults).toEqual([]);
});
