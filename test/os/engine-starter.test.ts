// An engine that is started over and over, with a shell in its place: what is heard of it, and that nothing stays behind.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineStarter } from '../../src/os/engine-starter.ts';

const shell = { program: '/bin/sh', version: '8.0.0', label: 'a shell' };

function run(starter: EngineStarter, until: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    starter.start({
      hear: (text) => {
        heard += text;
        if (heard.includes(until)) resolve(heard);
      },
      ended: (why) => resolve(`${heard}${why}`),
    });
  });
}

test('one engine after the other, each heard of once', async () => {
  await using starter = new EngineStarter(shell, (inside) => ['-c', `. ${inside}/job`]);
  const job = (text: string) => writeFileSync(join(starter.workDir, 'job'), text);
  job('exit 3');
  expect(await run(starter, 'never')).toBe('it ended with exit code 3');
  job('kill -SEGV $$');
  expect(await run(starter, 'never')).toMatch(/it was ended by signal 11$/);
  job('echo up; exec sleep 1000');
  expect(await run(starter, 'up')).toContain('up\n');
  // a new one ends the one that runs
  expect(await run(starter, 'up')).toContain('up\n');
  const killed = new Promise((resolve) => starter.start({ hear: () => starter.kill(), ended: resolve }));
  expect(await killed).toBe('it was ended by signal 9');
});

/** A program that ended has no command line any more, whether somebody took notice of it or not. */
function runs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

test('closed, the engine is gone, and the folder with it', async () => {
  const starter = new EngineStarter(shell, () => ['-c', 'echo $$; exec sleep 1000']);
  const pid = Number(await run(starter, '\n'));
  expect(runs(pid)).toBe(true);
  await starter.close();
  expect(existsSync(starter.workDir)).toBe(false);
  // its parent is gone, so the kernel ends it (prctl(2), PR_SET_PDEATHSIG): perhaps a little after close()
  await expect.poll(() => runs(pid)).toBe(false);
});
