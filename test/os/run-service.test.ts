// A service process as it runs on the box, outside systemd: status file, reload and stop.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';

let root: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-service-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function start(body: string): { lines: AsyncIterator<string>; exited: Promise<number | null> } {
  const script = join(root, 'service.ts');
  writeFileSync(script, `import { runService } from '${resolve('src/os/run-service.ts')}';\n${body}`);
  child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, MSS_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running = child;
  const exited = new Promise<number | null>((done) => running.on('exit', done));
  async function* lines() {
    let rest = '';
    for await (const chunk of running.stdout!) {
      rest += chunk;
      for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
        yield rest.slice(0, end);
        rest = rest.slice(end + 1);
      }
    }
  }
  return { lines: lines(), exited };
}

const status = (): ServiceStatus => JSON.parse(readFileSync(join(root, 'run/mss/status/ids.json'), 'utf8'));

test('ready, reload, refused reload and a clean stop all stand in the status file', async () => {
  const { lines, exited } = start(`
    runService('ids', async (service) => {
      let reloads = 0;
      service.onReload(() => {
        if (++reloads === 2) setTimeout(() => console.log('second'), 0);
        if (reloads === 2) throw new Error('ids.homeNet: bad');
        console.log('first');
      });
      service.counters.records = 3;
      service.ready('follows EVE');
      console.log('ready');
      await new Promise((done) => service.signal.addEventListener('abort', done));
    });`);
  expect((await lines.next()).value).toBe('ready');
  expect(status()).toMatchObject({
    service: 'ids',
    state: 'running',
    message: 'follows EVE',
    counters: { records: 3 },
  });
  child!.kill('SIGHUP');
  expect((await lines.next()).value).toBe('first');
  child!.kill('SIGHUP');
  expect((await lines.next()).value).toBe('second');
  expect(status().warnings.at(-1)?.text).toMatch(/last good configuration stays: ids\.homeNet: bad/);
  child!.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(status().state).toBe('stopped');
});

test('a body that throws ends the process with 1 and its reason in the status file', async () => {
  const { exited } = start(`runService('ids', async () => { throw new Error('no engine: install suricata'); });`);
  expect(await exited).toBe(1);
  expect(status()).toMatchObject({ state: 'stopped', message: 'no engine: install suricata' });
});
