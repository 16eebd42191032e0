// First start on a machine of files: once, step by step, over a crash, with a wrong answer in between.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnswerJobs, runFirstboot } from '../../src/firstboot/run-firstboot.ts';
import { runSteps } from '../../src/firstboot/steps.ts';
import { findIdentity } from '../../src/os/identity-file.ts';
import type { Service } from '../../src/os/run-service.ts';
import { pathsUnder } from '../../src/paths.ts';

let root: string;
let warnings: string[];
let applied: unknown[];
let failing: string | undefined;

const at = () => pathsUnder(root);
const write = (file: string, text: string) => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};
const service = (): Service => ({
  name: 'firstboot',
  signal: new AbortController().signal,
  counters: {},
  detail: {},
  ready: () => {},
  say: () => {},
  warn: (text) => warnings.push(text),
  loop: () => () => {},
  onReload: () => {},
  extendTimeout: () => {},
});
const jobs: AnswerJobs = {
  setPassword: async (password) => applied.push({ password }),
  setTimeZone: async (timeZone) => {
    if (timeZone === 'Mars/Base') throw new Error('no time zone "Mars/Base"');
    applied.push({ timeZone });
  },
  setNetwork: async (management) => applied.push({ management }),
  configure: async (desired) => applied.push({ homeNet: desired.ids.homeNet }),
};
const start = () =>
  runFirstboot(service(), {
    at: at(),
    jobs,
    run: async (command) => {
      if (command === failing) return { code: 1, stdout: '', stderr: 'no such mount' };
      return { code: 0, stdout: '', stderr: '' };
    },
  });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-firstboot-'));
  warnings = [];
  applied = [];
  failing = undefined;
});
afterEach(() => rmSync(root, { recursive: true }));

test('identity is made once and kept, answers are applied, the seed with its password is gone', async () => {
  write('nsm/etc/seed.json', '{"sensorType":"standalone","homeNet":"192.0.2.0/24","rootPassword":"correct horse"}');
  await start();
  const identity = findIdentity(at());
  expect(identity?.sensorNumber).toBe(0);
  expect(applied).toEqual([{ password: 'correct horse' }, { homeNet: ['192.0.2.0/24'] }]);
  expect(existsSync(at().seedFile)).toBe(false);
  expect(existsSync(join(at().stateDir('firstboot'), 'done'))).toBe(true);
  await start();
  expect(findIdentity(at())).toEqual(identity);
  expect(applied).toHaveLength(2);
});

test('a wrong answer is named, and the rest goes on', async () => {
  write('nsm/etc/seed.json', '{"timezone":"Mars/Base","rootPassword":"correct horse","sensorType":"standard"}');
  await start();
  expect(applied).toEqual([{ password: 'correct horse' }]);
  expect(warnings).toEqual([
    expect.stringContaining('mss.sensor-type: "standard" needs a controller'),
    'mss.timezone: no time zone "Mars/Base"',
  ]);
  expect(existsSync(join(at().stateDir('firstboot'), 'done'))).toBe(true);
});

test('a step that failed comes again at the next boot; those that are done do not', async () => {
  write('nsm/etc/appliance', '');
  write('nsm/etc/seed.json', '{"rootPassword":"correct horse"}');
  failing = 'findmnt';
  await expect(start()).rejects.toThrow(/next boot tries again: disk growth: findmnt .*no such mount/);
  expect(existsSync(join(at().stateDir('firstboot'), 'done'))).toBe(false);
  expect(applied).toHaveLength(1);
  failing = undefined;
  await start();
  expect(existsSync(join(at().stateDir('firstboot'), 'done'))).toBe(true);
  expect(applied).toHaveLength(1);
});

test('a machine that was configured before a power cut is not configured again', async () => {
  write('nsm/etc/UUID', 'export sid=1\nexport uuid=6f9619ff-8b86-4011-b42d-00c04fc964ff\n');
  write('nsm/etc/seed.json', '{"sensorType":"standalone"}');
  await start();
  expect(applied).toEqual([]);
  expect(warnings).toEqual([]);
});

test('an ssh key is added once, readable by root alone', async () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
  write('root/.ssh/authorized_keys', 'ssh-ed25519 AAAAother');
  write('nsm/etc/seed.json', JSON.stringify({ sshKey: key }));
  await start();
  const file = join(root, 'root/.ssh/authorized_keys');
  expect(readFileSync(file, 'utf8')).toBe(`ssh-ed25519 AAAAother\n${key}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a torn state file means that every step runs again', async () => {
  const file = join(root, 'state.json');
  write('state.json', '{"done":["fi');
  const ran: string[] = [];
  const step = (name: string) => ({
    name,
    run: async () => {
      ran.push(name);
      return [];
    },
  });
  expect(await runSteps(file, [step('first'), step('second')], () => {})).toEqual([]);
  await runSteps(file, [step('first'), step('second'), step('third')], () => {});
  expect(ran).toEqual(['first', 'second', 'third']);
});
