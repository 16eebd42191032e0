// Other programs, run for real: output, exit code, input, and the bounds.
import { expect, test } from 'vitest';
import { run, runChecked } from '../../src/os/process.ts';

const sh = (script: string) => ['-c', script] as const;

test('output, complaint and exit code come back; input goes in', async () => {
  expect(await run('sh', sh('cat; echo oops >&2; exit 3'), { input: 'hello' })).toEqual({
    code: 3,
    stdout: 'hello',
    stderr: 'oops\n',
  });
});

test('a program that does not read its input is no crash', async () => {
  expect((await run('true', [], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
});

test('what has to succeed throws with its own words, on one line', async () => {
  await expect(runChecked(run, 'sh', sh('echo first >&2; echo second >&2; exit 1'))).rejects.toThrow(
    'sh -c failed: first; second',
  );
  expect(await runChecked(run, 'echo', ['fine'])).toBe('fine\n');
});

test('a program that is not there, takes too long or says too much', async () => {
  await expect(run('no-such-program', [])).rejects.toThrow('cannot run no-such-program');
  await expect(run('sleep', ['60'], { timeoutMs: 20 })).rejects.toThrow('took longer than 0.02 s');
  await expect(run('yes', [], { outputBytes: 10_000 })).rejects.toThrow('more than 10000 bytes');
});
