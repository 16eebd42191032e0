// Every rule that comes with the sensor, on lines as hosts and devices send them.
import { expect, test } from 'vitest';
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { parseLog } from '../../../src/logs/parse.ts';
import { LogRuleEngine } from '../../../src/logs/sigma/engine.ts';
import { loadDecoders } from '../../../src/os/decoder-files.ts';
import { loadLogRuleset } from '../../../src/os/log-rule-files.ts';

const normalize = compileDecoders(loadDecoders('services/syslog-x/decoders'));
const ruleset = loadLogRuleset({ release: 'services/syslog-x/sigma' }, {});
const START_MS = Date.UTC(2026, 10, 24, 10);

/** Titles of the alerts that lines raise, sent one second after another. */
function alertsOf(lines: readonly string[]): string[] {
  const engine = new LogRuleEngine(ruleset);
  return lines.flatMap((line, second) => {
    const arrivedUs = (START_MS + second * 1000) * 1000;
    const log = parseLog(`<13>1 ${new Date(arrivedUs / 1000).toISOString()} ${line}`, {
      arrivedUs,
      offsetMinutes: 0,
      sender: '192.0.2.1',
      transport: 'udp',
    });
    normalize(log);
    return engine.match(log).flatMap(({ rule, alerts }) => (alerts ? [rule.title] : []));
  });
}

const failed = (user: string, source: string) =>
  `h sshd 1 - - Failed password for ${user} from ${source} port 4001 ssh2`;
const accepted = (user: string, source: string) =>
  `h sshd 1 - - Accepted password for ${user} from ${source} port 4001 ssh2`;
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const denied = (port: number, host: number) =>
  `gw kernel - - - DROP IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.${host} PROTO=TCP SPT=4001 DPT=${port}`;
const sudo = (command: string) => `h sudo - - - eve : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=${command}`;
const windows = (id: number, channel: string, data = '') =>
  `w e - - - <Event xmlns="x"><System><EventID>${id}</EventID><Channel>${channel}</Channel></System><EventData>${data}</EventData></Event>`;

test.each<[title: string, lines: string[]]>([
  ['Password guessing from one address', times(10, () => failed('root', '203.0.113.9'))],
  ['One account tried from many addresses', times(10, (i) => failed('bob', `203.0.113.${i}`))],
  [
    'New user account',
    ['h useradd 9 - - new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/sh, from=none'],
  ],
  ['New user account', [windows(4720, 'Security')]],
  ["User added to an administrators' group", ["h usermod 9 - - add 'eve' to group 'sudo'"]],
  ["User added to an administrators' group", ['h gpasswd 9 - - user eve added by root to group wheel']],
  [
    "User added to an administrators' group",
    [windows(4732, 'Security', '<Data Name="TargetUserName">Administrators</Data>')],
  ],
  ['Account removed', ["h userdel 9 - - delete user 'eve'"]],
  [
    'Command refused by sudo',
    ['h sudo - - - eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id'],
  ],
  ['Shell of root through sudo', [sudo('/bin/bash')]],
  ['Shell of root through sudo', [sudo('/usr/bin/su -')]],
  ['Guessing the password of another user by su', times(3, () => 'h su 7 - - FAILED SU (to root) eve on pts/0')],
  ['Configuration of sudo was changed', [sudo('/usr/bin/vi /etc/sudoers')]],
  ['Log cleared', [windows(1102, 'Security')]],
  ['Log cleared', [windows(104, 'System')]],
  ['Log cleared', ['w e - - - {"EventID":1102,"Channel":"Security","SubjectUserName":"eve"}']],
  ['What is audited was changed', ['w e - - - {"EventID":4719,"Channel":"Security","SubjectUserName":"eve"}']],
  ['Service installed', ['w e - - - {"EventID":4697,"Channel":"Security","ServiceName":"x"}']],
  ['Log removed or truncated by a command', [sudo('/usr/bin/truncate -s 0 /var/log/wtmp')]],
  ['Log removed or truncated by a command', [sudo('/usr/bin/journalctl --vacuum-time=1s')]],
  ['Protection or logging was stopped', ['h systemd 1 - - Stopped System Logging Service.']],
  ['Audit daemon goes down', ['h auditd 5 - - The audit daemon is exiting.']],
  ['Many ports tried through a firewall', times(20, (i) => denied(i, 1))],
  ['One port tried on many hosts through a firewall', times(20, (i) => denied(23, i))],
  ['Login as root from another machine', [accepted('root', '192.0.2.9')]],
])('%s', (title, lines) => {
  expect(alertsOf(lines)).toEqual([title]);
});

test('one password on many accounts: guessing from one address as well', () => {
  expect(alertsOf(times(10, (i) => failed(`u${i}`, '203.0.113.9'))).sort()).toEqual([
    'One password tried on many accounts',
    'Password guessing from one address',
  ]);
});

test('a new account with the rights of root is one by two rules', () => {
  const line = 'h useradd 9 - - new user: name=eve, UID=0, GID=0, home=/root, shell=/bin/sh, from=none';
  expect(alertsOf([line]).sort()).toEqual(['New account with the rights of root', 'New user account']);
});

test('a success after guessing, from the same address only', () => {
  const guessing = times(10, () => failed('bob', '203.0.113.9'));
  expect(alertsOf([...guessing, accepted('bob', '203.0.113.9')])).toEqual([
    'Password guessing from one address',
    'Login after password guessing',
  ]);
  expect(alertsOf([...guessing, accepted('bob', '192.0.2.9')])).toEqual(['Password guessing from one address']);
});

test('one user in two countries, where the log says countries', () => {
  const login = (country: string) =>
    `fg app - - - {"action":"login","outcome":"success","user":"bob","country":"${country}"}`;
  expect(alertsOf([login('Austria'), login('Austria'), login('Reserved')])).toEqual([]);
  expect(alertsOf([login('Austria'), login('Peru')])).toEqual(['One user in two countries within an hour']);
});

test('a user who is new on a host is told of after a day', () => {
  const { correlations } = ruleset;
  expect(correlations.find(({ type }) => type === 'first_seen')).toMatchObject({
    title: 'User not seen on this host before',
    groupBy: ['user', 'host'],
  });
});

test('everyday lines raise nothing', () => {
  expect(
    alertsOf([
      accepted('alice', '192.0.2.9'),
      failed('alice', '192.0.2.9'),
      sudo('/usr/bin/apt update'),
      'h systemd 1 - - Started Daily apt download activities.',
      'h systemd 1 - - Stopped User Manager for UID 1000.',
      denied(23, 1),
      'h CRON 4 - - (root) CMD (cd / && run-parts --report /etc/cron.hourly)',
    ]),
  ).toEqual([]);
});
