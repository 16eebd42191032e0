import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findLastExit, parseLastExit } from '../../src/os/last-exit.ts';
import { pathsUnder } from '../../src/paths.ts';

const root = mkdtempSync(join(tmpdir(), 'mss-exit-'));
const at = pathsUnder(root);
const exitsDir = dirname(at.exitFile('ids'));
mkdirSync(exitsDir, { recursive: true });
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The script that systemd runs, with the box's folder replaced. */
const script = readFileSync(
  new URL('../../services/control/mss-.service.d/note-exit.sh', import.meta.url),
  'utf8',
).replaceAll('/run/mss/exits', exitsDir);

function end(unit: string, result: string, code: string, status: string): void {
  const env = { PATH: process.env.PATH, SERVICE_RESULT: result, EXIT_CODE: code, EXIT_STATUS: status };
  expect(spawnSync('/bin/sh', ['-c', script, 'note-exit', unit], { env, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
}

test('ends are counted, the last is described, and what was asked for is none', () => {
  expect(findLastExit('ids', at)).toBeUndefined();
  end('mss-ids', 'success', 'exited', '0');
  expect(findLastExit('ids', at)).toBeUndefined();
  end('mss-ids', 'exit-code', 'exited', '1');
  expect(findLastExit('ids', at)).toMatchObject({ service: 'ids', count: 1, how: 'exit code 1' });
  end('mss-ids', 'signal', 'killed', 'KILL');
  const last = findLastExit('ids', at);
  expect(last).toMatchObject({ count: 2, how: 'killed by KILL' });
  expect(Math.abs(Date.now() - (last?.timeMs ?? 0))).toBeLessThan(60_000);
});

test.each([
  ['3 watchdog dumped ABRT', 'stopped by the watchdog'],
  ['3 timeout killed TERM', 'out of time'],
  ['3 oom-kill killed KILL', 'killed for want of memory'],
  ['3 core-dump dumped SEGV', 'crashed with SEGV'],
  // it never ran: systemd sets no code then
  ['1 resources', 'resources'],
])('%s is %s', (line, how) => {
  expect(parseLastExit('capture', line, 1_700_000_000_000)).toMatchObject({ how, timeMs: 1_700_000_000_000 });
});

test('a torn line is not known', () => {
  writeFileSync(at.exitFile('capture'), '3 ');
  expect(findLastExit('capture', at)).toBeUndefined();
});
