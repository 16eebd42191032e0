// The updater as the process that runs on the box, under another root.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';
import { pathsUnder } from '../../src/paths.ts';

let root: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-updater-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const write = (file: string, text: string) => {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
};

test('says what runs and what lies ready, follows a reload, and stops cleanly', async () => {
  const at = pathsUnder(root);
  write(join(at.currentRelease, 'manifest.json'), '{"version": "2.0.0"}');
  write(at.statusFile('ids'), JSON.stringify({ detail: { rules: { updatedMs: Date.now() } } }));
  child = spawn(process.execPath, ['services/updater/main.ts'], {
    env: { PATH: process.env.PATH, MSS_ROOT: root },
    stdio: 'inherit',
  });
  const status = (): ServiceStatus | undefined => {
    const file = at.statusFile('updater');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  };
  const said = () => expect.poll(() => status()?.message, { timeout: 20_000, interval: 50 });
  await said().toBe('release 2.0.0; release.source is empty: stays on this release; rules 0 min old');
  const heartbeat = JSON.parse(readFileSync(join(at.stateDir('updater'), 'heartbeat.json'), 'utf8'));
  expect(heartbeat).toMatchObject({ version: '2.0.0', timeMs: expect.any(Number) });

  const source = join(root, 'releases');
  write(join(source, '2.1.0', 'manifest.json'), '{"version": "2.1.0"}');
  write(at.desiredFile, JSON.stringify({ release: { source } }));
  child.kill('SIGHUP');
  await said().toContain(`release 2.1.0 lies in ${source}`);

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
