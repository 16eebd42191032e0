// `mss` as scripts call it, in a process of its own: what it asks of control, and how it fails without one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Job } from '../../src/api/job.ts';
import { STORED_COUNTS } from '../../src/api/ledger.ts';
import { noCounts } from '../../src/ledger/ledger-minute.ts';
import { LedgerWriter } from '../../src/ledger/ledger-writer.ts';
import { pathsUnder } from '../../src/paths.ts';
import { startControl } from '../control/control-server.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function mss(...args: string[]) {
  const child = spawn(process.execPath, ['services/console/mss.ts', ...args], {
    env: { PATH: process.env.PATH, MSS_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, records: stdout.split('\n').filter((line) => line.startsWith('{')), stderr };
}

test('choosing rules changes the document, into which no override of settings.sh slips', async () => {
  const at = pathsUnder(root);
  mkdirSync(dirname(at.settingsFile), { recursive: true });
  writeFileSync(at.settingsFile, 'export emailaddress=soc@example.org\n');
  mkdirSync(dirname(at.desiredFile), { recursive: true });
  writeFileSync(at.desiredFile, JSON.stringify({ version: 4, ids: { disable: ['2000001'] } }));
  const asked: Job[] = [];
  const control = await startControl(
    async (job) => {
      asked.push(job);
      return { text: 'stored' };
    },
    dirname(at.controlSocket('console')),
  );
  const { code, records } = await mss('rules', 'enable', '2000001', '--json');
  await control.close();
  expect([code, records.map((line) => JSON.parse(line).type)]).toEqual([0, ['choice']]);
  expect(asked).toMatchObject([
    { job: 'set-config', desired: { version: 4, ids: { enable: ['2000001'], disable: [] } } },
  ]);
  expect(JSON.stringify(asked)).not.toContain('soc@example.org');
});

test.each([
  [['stop'], 1, 'control', /mss-control is not running; start it/],
  [['alerts'], 1, 'io', /mss-portal is not running; start it/],
  [['config', 'get', 'no.such.key'], 1, 'config', /no.such.key/],
  [['reset'], 2, 'usage', /add --yes/],
  [['packets', '--filter', 'prot 80'], 2, 'query', /"prot"/],
])('mss %j exits %i and says why, to a person and in JSON', async (args, code, errorCode, message) => {
  const ran = await mss(...args, '--json');
  const records = ran.records.map((line) => JSON.parse(line));
  expect(records).toMatchObject([{ type: 'error', code: errorCode }]);
  expect(records[0].message).toMatch(message);
  expect(ran.stderr).toMatch(message);
  expect(ran.code).toBe(code);
});

test('the loss ledger says when nobody counted, to a person and in JSON', async () => {
  expect((await mss('ledger')).stdout).toContain('Nothing was counted yet');
  const minute = Math.floor(Date.now() / 60_000) - 4;
  const counts = { ...noCounts(STORED_COUNTS), offered: 1000, stored: 990, lostInRing: 10 };
  new LedgerWriter(pathsUnder(root).ledgerDir('capture'), STORED_COUNTS).append({ minute, seconds: 60, counts });
  const text = (await mss('ledger')).stdout;
  expect(text).toContain('lost 10 (1.0 %): 0 in the card, 10 in the ring, 0 not written');
  expect(text).toContain('inspected  nobody counted');
  expect(text).toContain('stored path: the sensor was off');
  const records = (await mss('ledger', '--json')).stdout.trim().split('\n');
  expect(records.map((line) => JSON.parse(line).type)).toEqual(expect.arrayContaining(['minute', 'gap', 'summary']));
  expect((await mss('ledger', '--from', 'soon')).code).toBe(2);
});

test('a command or option that is none is wrong usage', async () => {
  expect((await mss('alert')).code).toBe(2);
  expect((await mss('alerts', '--all')).code).toBe(2);
  expect((await mss('--help')).code).toBe(0);
});
