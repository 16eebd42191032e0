import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mss-logtest-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const logtest = (args: string[], input?: string | Buffer) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['services/console/mss.ts', 'logtest', ...args], {
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};
const jsonLines = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test('a file, as JSON: decoder, fields and the rules that it fits, with why, on each line', () => {
  const file = join(folder, 'auth.log');
  writeFileSync(
    file,
    'Nov 24 10:00:00 web1 sshd[1]: Invalid user guest from 203.0.113.9 port 40022\n\nplain words\n<13>1 - h a - - - x',
  );
  const { status, stdout } = logtest(['--json', file]);
  expect(status).toBe(0);
  expect(jsonLines(stdout)).toMatchObject([
    {
      type: 'log',
      decoder: 'sshd',
      fields: { user: 'guest', source: '203.0.113.9' },
      rules: [
        {
          title: 'Failed login',
          level: 'informational',
          alerts: false,
          matched: [{ selection: 'selection', because: ['action "login"', 'outcome "failure"'] }],
        },
      ],
      header: { host: 'web1' },
    },
    { type: 'log', decoder: 'raw', fields: {}, rules: [], message: 'plain words' },
    { type: 'log', decoder: '5424', fields: {}, rules: [], header: { app: 'a' } },
  ]);
});

test('standard input, as text: bytes that are not UTF-8 and control characters do no harm', () => {
  const { status, stdout } = logtest([], Buffer.from('<13>app: caf\xe9 \x1b[31m a=1 b=2 c=3\n', 'latin1'));
  expect(status).toBe(0);
  expect(stdout).toContain('caf\u00e9 \\x1b[31m');
  expect(stdout).toContain('decoder  key-value');
  expect(stdout).toContain('priority=user.notice format=3164 app=app');
  expect(stdout).not.toContain('\x1b');
});

test('own rules, as text: the values that did it, and what a correlation amounts to', () => {
  const dir = mkdtempSync(join(folder, 'rules-'));
  writeFileSync(
    join(dir, 'own.yml'),
    `title: Door opened
name: door
level: low
logsource: { product: linux }
detection: { selection: { app: door, message|contains: [opened, unlocked] }, condition: selection }
---
title: Door opened twice
correlation: { type: event_count, rules: [door], group-by: [host], timespan: 1m, condition: { gte: 2 }, generate: true }
level: high
`,
  );
  const line = (second: number) => `<13>Nov 24 10:00:0${second} gate door: opened by key\n`;
  const { status, stdout } = logtest(['--rules', dir], line(1) + line(4));
  expect(status).toBe(0);
  expect(stdout).toContain('rule     Door opened (low; door)');
  expect(stdout).toContain('selection: message|contains "*opened*"');
  expect(stdout).toContain('rule     Door opened twice (high; own.yml:7)');
  expect(stdout).toContain('2 within 3 s for host=gate');
});

test('--check: which rules load, which do not and why, and exit code 1', () => {
  const dir = mkdtempSync(join(folder, 'rules-'));
  writeFileSync(
    join(dir, 'mixed.yml'),
    `title: Good
logsource: { product: linux }
detection: { words: [a], condition: words }
---
title: Bad
logsource: { product: linux }
detection: { words: [a], condition: words | count() > 3 }
`,
  );
  const { status, stdout } = logtest(['--check', '--rules', dir]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^mixed\.yml:5: Bad: aggregation: .*write a correlation rule/m);
  expect(stdout).toContain('1 rules load, 0 of them correlations; 0 are off, 1 set aside (1 aggregation)');
  const json = jsonLines(logtest(['--check', '--rules', dir, '--json']).stdout);
  expect(json).toMatchObject([
    { type: 'rule', loaded: true, title: 'Good', file: 'mixed.yml', line: 1 },
    { type: 'rule', loaded: false, title: 'Bad', file: 'mixed.yml', line: 5 },
    { type: 'summary', loaded: 1, refused: 1 },
  ]);
});

test('the rules that come with the sensor all load', () => {
  const { status, stdout } = logtest(['--check', '--rules', 'services/syslog-x/sigma/rules']);
  expect(stdout).toMatch(/ 0 set aside$/m);
  expect(status).toBe(0);
});

test('a file that is not there: exit code 1 and its name', () => {
  const { status, stderr } = logtest([join(folder, 'absent.log')]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^mss: cannot read .*absent\.log/);
});
