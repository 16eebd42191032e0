// The menu driven as a person would, over a pseudo-terminal, with the real control server behind it; the server's jobs
// touch nothing.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Job } from '../../../src/api/job.ts';
import { ET_OPEN_URL } from '../../../src/config/rule-feeds.ts';
import { ITEMS } from '../../../src/console/menu/main-menu.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { startControl } from '../../control/control-server.ts';
import { type Session, startSession } from './session.ts';

const UUID = '6f9619ff-8b86-4011-b42d-00c04fc964ff';

let root: string;
let jobs: Job[];
let server: Awaited<ReturnType<typeof startControl>>;
let session: Session;
let notes: string[];

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'mss-menu-'));
  jobs = [];
  notes = [];
  write('nsm/etc/UUID', `export sid=1\nexport uuid=${UUID}\n`);
  server = await startControl(
    async (job, progress) => {
      jobs.push(job);
      if (job.job === 'find-storage') for (const note of notes) progress(note);
      if (job.job === 'set-password' && job.password === 'metaflows') throw new Error('every copy has that one');
      return { text: `did ${job.job}` };
    },
    dirname(pathsUnder(root).controlSocket('console')),
  );
});
afterEach(async () => {
  session?.kill();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(over: 'pty' | 'pipe' = 'pty'): Promise<void> {
  session = startSession(root, over);
  await session.see('Enter a number: ');
}

/** Answers each question as it comes. */
async function converse(...turns: [question: string, answer: string][]): Promise<void> {
  for (const [question, answer] of turns) {
    await session.see(question);
    session.type(`${answer}\r`);
  }
}

test('shows the board and eight items; item 3 leaves', async () => {
  session = startSession(root, 'pty');
  const screen = await session.see('Enter a number: ');
  expect(screen).toContain('MetaFlows sensor 2.0.0  probe-7');
  for (const [i, item] of ITEMS.entries()) expect(screen).toContain(`${i + 1}. ${item}`);
  expect(ITEMS).toHaveLength(8);
  session.type('3\r');
  await session.see('menu over');
  expect(await session.exited).toBe(0);
  expect(jobs).toEqual([]);
});

test('Enter draws the screen anew; what is no item is said; Ctrl-C and Ctrl-D never crash', async () => {
  await open();
  session.type('\r');
  await session.see('Enter a number: ');
  session.type('9\r');
  await session.see('There is no item "9"');
  session.type('\r');
  await session.see('Enter a number: ');
  session.type('half a line\x03');
  await session.see('Enter a number: ');
  session.type('5\r');
  await session.see('New password of root: ');
  session.type('\x03');
  await session.see('Press Enter');
  session.type('\x04');
  await session.see('menu over');
  expect(await session.exited).toBe(0);
  expect(jobs).toEqual([]);
});

test('the whole configuration, over bad answers, ends in one configure job and an account', async () => {
  write('nsm/etc/UUID', `export sid=0\nexport uuid=${UUID}\n`);
  await open();
  session.type('1\r');
  await converse(
    ['Type [3]: ', '1'],
    ['needs a controller', ''],
    ['HOME_NET) [192.0.2.0/24]: ', 'my network'],
    ['ids.homeNet', '192.0.2.0/24 198.51.100.0/24'],
    ['[all without an address]: ', 'eth9'],
    ['There is no interface "eth9"', 'eth0'],
    ['eth0 is the management interface', 'eth1'],
    ['Time zone [UTC]: ', 'Mars/Base'],
    ['There is no time zone "Mars/Base"', 'Europe/Berlin'],
    ['HTTP proxy, like http://192.0.2.3:3128 [none]: ', ''],
    ['Emerging Threats Open rules, now and every 12 hours (y/n) [y]: ', 'perhaps'],
    ['answer y or n', 'y'],
    ['name [admin]: ', 'ada'],
    ['Password of ada, at least 10 characters: ', 'short'],
    ['needs at least', 'engine of analysis'],
    ['The same again: ', 'another one here'],
    ['two different ones', 'engine of analysis'],
    ['The same again: ', 'engine of analysis'],
  );
  const said = await session.see('Done: did configure.');
  expect(said).toContain('Account "ada" made.');
  expect(said).not.toContain('engine');
  expect(jobs.map(({ job }) => job)).toEqual(['set-time-zone', 'find-storage', 'configure']);
  expect(jobs[2]).toMatchObject({
    identity: { sensorNumber: 1, type: 'standalone' },
    desired: {
      ids: { homeNet: ['192.0.2.0/24', '198.51.100.0/24'], ruleUrls: [ET_OPEN_URL] },
      capture: { interfaces: ['eth1'] },
    },
  });
  const accounts = readFileSync(pathsUnder(root).accountsFile, 'utf8');
  expect(accounts).toContain('"name": "ada"');
  expect(accounts).not.toContain('engine');
});

test('leaving the configuration half way changes nothing', async () => {
  write('nsm/etc/UUID', `export sid=0\nexport uuid=${UUID}\n`);
  await open();
  session.type('1\r');
  await converse(['Type [3]: ', ''], ['HOME_NET)', ''], ['address]: ', ''], ['Time zone', '']);
  await session.see('HTTP proxy');
  session.type('\x03');
  await session.see('Press Enter');
  expect(jobs).toEqual([]);
});

test('a configured sensor is restarted, storage looked for first; a disk is formatted only when typed twice', async () => {
  notes = ['/dev/sdb is not empty and is left alone'];
  await open();
  session.type('1\r');
  await converse(['Enter for none: ', '/dev/sdb'], ['Type /dev/sdb once more', '/dev/sdx'], ['Press Enter', '']);
  expect(jobs).toEqual([{ job: 'find-storage' }, { job: 'restart' }]);
  jobs.length = 0;
  await session.see('Enter a number: ');
  session.type('1\r');
  await converse(['Enter for none: ', '/dev/sdb'], ['Type /dev/sdb once more', '/dev/sdb'], ['did restart', '']);
  expect(jobs).toEqual([{ job: 'find-storage' }, { job: 'find-storage', format: '/dev/sdb' }, { job: 'restart' }]);
});

test('the network editor: static settings, confirmed', async () => {
  await open();
  session.type('2\r');
  await converse(
    ['Management interface [eth0]: ', ''],
    ['Host name [probe-7]: ', 'probe-8'],
    ['DHCP or static (d/s) [d]: ', 's'],
    ['[192.0.2.7/24]: ', '192.0.2.8'],
    ['looks like', '192.0.2.8/24'],
    ['Gateway [none]: ', '203.0.113.1'],
    ['must lie in the network', '192.0.2.1'],
    ['Name servers [none]: ', '192.0.2.53, 2001:db8::53'],
    ['[all without an address]: ', ''],
    ['Apply these settings (y/n) [y]: ', ''],
    ['anything else to leave: ', 'keep'],
  );
  await session.see('did confirm-network');
  expect(jobs).toEqual([
    {
      job: 'set-network',
      confirmSeconds: 60,
      management: {
        method: 'static',
        interface: 'eth0',
        hostName: 'probe-8',
        address: '192.0.2.8/24',
        gateway: '192.0.2.1',
        dns: ['192.0.2.53', '2001:db8::53'],
      },
    },
    { job: 'confirm-network' },
  ]);
});

test('the network editor: unconfirmed is said; interfaces alone change the configuration only', async () => {
  write(
    'nsm/etc/management.json',
    JSON.stringify({
      method: 'static',
      interface: 'eth0',
      hostName: 'probe-7',
      address: '192.0.2.7/24',
      dns: [],
    }),
  );
  await open();
  session.type('2\r');
  await converse(
    ['Management interface', ''],
    ['Host name', ''],
    ['(d/s) [s]: ', ''],
    ['[192.0.2.7/24]: ', ''],
    ['Gateway [none]: ', ''],
    ['Name servers', ''],
    ['[all without an address]: ', 'eth1'],
    ['Apply', 'y'],
    ['stays as it is', ''],
  );
  expect(jobs).toMatchObject([{ job: 'set-config', desired: { capture: { interfaces: ['eth1'] } } }]);
  jobs.length = 0;
  await session.see('Enter a number: ');
  session.type('2\r');
  await converse(
    ['Management interface', ''],
    ['Host name', ''],
    ['(d/s) [s]: ', 'd'],
    ['Name servers (none: those of the DHCP server) [none]: ', ''],
    ['[all without an address]: ', ''],
    ['Apply', 'y'],
    ['anything else to leave: ', 'no'],
    ['Not confirmed: the old settings come back.', ''],
  );
  expect(jobs.map(({ job }) => job)).toEqual(['set-network']);
});

test('a new root password is asked twice, never shown, and refused by control where it is refused', async () => {
  await open();
  session.type('5\r');
  await converse(['root: ', 'metaflows'], ['again: ', 'metaflows'], ['Failed: every copy has that one', '']);
  await session.see('Enter a number: ');
  session.type('5\r');
  await converse(['root: ', 'correct horse'], ['again: ', 'correct horse']);
  expect(await session.see('did set-password')).not.toContain('horse');
  expect(jobs.at(-1)).toEqual({ job: 'set-password', password: 'correct horse' });
});

test('reset, reboot and power off want their word', async () => {
  await open();
  session.type('4\r');
  await converse(['Type "reset"', 'yes'], ['Press Enter', ''], ['Enter a number: ', '6'], ['Type "reboot"', '']);
  await converse(['Press Enter', ''], ['Enter a number: ', '4'], ['Type "reset"', 'reset'], ['did reset', '']);
  await session.see('Enter a number: ');
  session.type('7\r');
  await converse(['Type "off"', 'off']);
  await session.see('menu over');
  expect(jobs.map(({ job }) => job)).toEqual(['reset', 'power-off']);
});

test('contact information is the owner’s own, where they wrote it', async () => {
  await open();
  session.type('8\r');
  await session.see('/nsm/etc/contact.txt');
  await session.see('Press Enter');
  write('nsm/etc/contact.txt', 'Call Ada, 555-0100\n');
  session.type('\r');
  await session.see('Enter a number: ');
  session.type('8\r');
  await session.see('Call Ada, 555-0100');
});

test('over a pipe: answers may all come at once, and the end of input ends the menu', async () => {
  session = startSession(root, 'pipe');
  session.type('8\n\n5\ncorrect horse\ncorrect horse\n');
  session.end();
  await session.see('did set-password');
  await session.see('menu over');
  expect(await session.exited).toBe(0);
});

test('without control the menu says so, and goes on', async () => {
  await server.close();
  session = startSession(root, 'pty');
  await session.see('Enter a number: ');
  session.type('1\r');
  await session.see('mss-control is not running');
  session.type('\r');
  await session.see('Enter a number: ');
  session.type('3\r');
  await session.see('menu over');
  server = await startControl(async () => ({ text: '' }));
});
