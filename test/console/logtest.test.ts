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

test('a file, as JSON: decoder, fields and an empty list of rules on each line', () => {
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
      rules: [],
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

test('a file that is not there: exit code 1 and its name', () => {
  const { status, stderr } = logtest([join(folder, 'absent.log')]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^mss: cannot read .*absent\.log/);
});
