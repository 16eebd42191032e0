// configure, set-config, start, reset and set-password on a machine whose programs are the test's.
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig, setKey } from '../../../src/config/parse.ts';
import { makeJobs } from '../../../src/control/make-jobs.ts';
import { findIdentity } from '../../../src/os/identity-file.ts';
import { makeMachine, UUID } from './machine.ts';

let box: ReturnType<typeof makeMachine>;
let failing: string | undefined;
const inputs: string[] = [];
const nothing = () => {};

/** systemctl show of every unit that is asked for; `failing` is one that did not come up. */
const show = (args: readonly string[]) =>
  args
    .filter((arg) => arg.endsWith('.service'))
    .map((unit) => {
      const active = unit === failing ? 'failed' : 'active';
      return `Id=${unit}\nLoadState=loaded\nActiveState=${active}\nSubState=running\nNRestarts=0\nMainPID=7`;
    })
    .join('\n\n');

beforeEach(() => {
  failing = undefined;
  inputs.length = 0;
  box = makeMachine((command, args, input) => {
    if (input !== undefined) inputs.push(`${command} < ${input}`);
    return command === 'systemctl' && args[0] === 'show' ? { stdout: show(args) } : undefined;
  });
});
afterEach(() => box.remove());

const jobs = () => makeJobs(box.machine, nothing).jobs;
const desired = () => JSON.parse(readFileSync(box.machine.at.desiredFile, 'utf8'));
const CONFIGURE = { job: 'configure', desired: {}, identity: { sensorNumber: 1, type: 'standalone' } } as const;

test('configure keeps the uuid, stores the configuration, enables and starts', async () => {
  box.write('nsm/etc/UUID', `export sid=0\nexport uuid=${UUID}\n`);
  await jobs().configure({ ...CONFIGURE, desired: { ids: { homeNet: ['192.0.2.0/24'] } } }, nothing);
  expect(findIdentity(box.machine.at)).toEqual({ sensorNumber: 1, uuid: UUID });
  expect(desired().ids.homeNet).toEqual(['192.0.2.0/24']);
  expect(box.calls).toEqual(['systemctl enable mss.target', 'systemctl start --no-block mss.target']);
});

test('a configure that ended half way can be asked for again', async () => {
  box.write('nsm/etc/UUID', `export sid=0\nexport uuid=${UUID}\n`);
  const { run } = box.machine;
  box.machine.run = async () => {
    throw new Error('power cut');
  };
  await expect(jobs().configure(CONFIGURE, nothing)).rejects.toThrow('power cut');
  box.machine.run = run;
  await jobs().configure(CONFIGURE, nothing);
  expect(findIdentity(box.machine.at)?.sensorNumber).toBe(1);
  expect(box.calls).toEqual(['systemctl enable mss.target', 'systemctl start --no-block mss.target']);
});

test('configure refuses a bad configuration whole, and a sensor that is one already', async () => {
  const bad = jobs().configure({ ...CONFIGURE, desired: { ids: { homeNet: ['home'] } } }, nothing);
  await expect(bad).rejects.toThrow('ids.homeNet.0');
  expect(existsSync(box.machine.at.uuidFile)).toBe(false);
  box.write('nsm/etc/UUID', `export sid=3\nexport uuid=${UUID}\n`);
  await expect(jobs().configure(CONFIGURE, nothing)).rejects.toThrow(/sensor 3 already/);
  expect(box.calls).toEqual([]);
});

test('set-config reloads only the services that read what changed', async () => {
  const next = setKey(defaultConfig(), 'archive.days', '30');
  const { text } = await jobs()['set-config']({ job: 'set-config', desired: next }, nothing);
  expect(text).toBe('archive.days stored; told mss-portal.service');
  expect(desired()).toMatchObject({ version: 2, archive: { days: 30 } });
  expect(box.calls.at(-1)).toBe('systemctl kill --signal=HUP --kill-who=main mss-portal.service');
});

test('set-config refuses the second of two editors, who has not seen what the first changed', async () => {
  const read = defaultConfig();
  const run = jobs()['set-config'];
  await run({ job: 'set-config', desired: setKey(read, 'archive.days', '30') }, nothing);
  const late = run({ job: 'set-config', desired: setKey(read, 'mail.to', 'soc@example.org') }, nothing);
  await expect(late).rejects.toThrow(/older than 2/);
  expect(desired().mail.to).toBe('');
});

test('set-config with a bad value changes nothing', async () => {
  const bad = { ...defaultConfig(), capture: { snaplen: 1 } };
  await expect(jobs()['set-config']({ job: 'set-config', desired: bad }, nothing)).rejects.toThrow('capture.snaplen');
  expect(existsSync(box.machine.at.desiredFile)).toBe(false);
});

test('start needs a configured sensor, and names what did not come up', async () => {
  await expect(jobs().start({ job: 'start' }, nothing)).rejects.toThrow(/not configured/);
  box.write('nsm/etc/UUID', `export sid=1\nexport uuid=${UUID}\n`);
  expect((await jobs().start({ job: 'start' }, nothing)).text).toMatch(/runs/);
  failing = 'mss-ids.service';
  await expect(jobs().restart({ job: 'restart' }, nothing)).rejects.toThrow(/mss-ids.service did not start/);
});

test('reset stops, disables, forgets the configuration and keeps the uuid', async () => {
  box.write('nsm/etc/UUID', `export sid=1\nexport uuid=${UUID}\n`);
  box.write('var/lib/mss/desired.json', '{}');
  await jobs().reset({ job: 'reset' }, nothing);
  expect(findIdentity(box.machine.at)).toEqual({ sensorNumber: 0, uuid: UUID });
  expect(existsSync(box.machine.at.desiredFile)).toBe(false);
  expect(box.calls).toEqual(['systemctl disable mss.target', 'systemctl stop mss.target']);
});

test('a password goes to chpasswd on standard input only; shipped and short ones are refused', async () => {
  const set = (password: string) => jobs()['set-password']({ job: 'set-password', password }, nothing);
  await set('correct horse');
  expect(inputs).toEqual(['chpasswd < root:correct horse\n']);
  expect(box.calls).toEqual(['chpasswd']);
  await expect(set('metaflows')).rejects.toThrow(/every copy/);
  await expect(set('short')).rejects.toThrow(/at least 8/);
  await expect(set('long enough\nguest:to be two lines')).rejects.toThrow(/one line/);
});
