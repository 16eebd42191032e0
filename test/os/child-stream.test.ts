// A real program that waits for its question: answered, watched, stopped, and gone before it was asked.
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startWaiting } from '../../src/os/child-stream.ts';

const start = (script: string, timeoutMs = 60_000) =>
  startWaiting([process.execPath, '-e', script], { timeoutMs, env: { WORD: 'from the environment' } });
const ECHO = `process.stdin.on('data', (d) => { console.error('{"far":1}'); console.error('odd'); console.log(process.env.WORD + ': ' + d); })`;

test('it is asked once, and what it says of its progress is no complaint', async () => {
  const lines: string[] = [];
  const child = start(ECHO);
  expect(child.alive()).toBe(true);
  const answer = child.ask('what?', (line) => {
    if (line.startsWith('{')) lines.push(line);
    return line.startsWith('{');
  });
  expect(await text(answer.stdout)).toBe('from the environment: what?\n');
  expect([await answer.ended, lines]).toEqual([{ code: 0, stderr: 'odd' }, ['{"far":1}']]);
  expect(child.alive()).toBe(false);
});

test('one that is stopped while it waits is known to be gone, and asking it all the same is a failure only', async () => {
  const child = start(ECHO);
  const asked = child.ask('', () => false);
  child.stop();
  expect(await asked.ended).toEqual({ code: 137, stderr: '' });
  expect(child.alive()).toBe(false);
  const late = child.ask('x'.repeat(1 << 20), () => false);
  expect(await text(late.stdout)).toBe('');
  expect((await late.ended).code).toBe(137);
});

test('its time begins with the question', async () => {
  const answer = start('setInterval(() => {}, 1000)', 50).ask('', () => false);
  expect(await answer.ended).toEqual({ code: 137, stderr: 'stopped after 0.05 s' });
});

test('one whose input ends without a question ends by itself', async () => {
  const { stdout, ended } = startWaiting([process.execPath, 'services/console/mss.ts', 'packets', '--wait'], {
    timeoutMs: 60_000,
  }).ask('', () => false);
  expect(await text(stdout)).toBe('');
  expect(await ended).toEqual({ code: 0, stderr: '' });
});

test('a program that is not there is an answer, too', async () => {
  const { code, stderr } = await startWaiting(['/nowhere/mss'], { timeoutMs: 60_000 }).ask('', () => false).ended;
  expect(code).toBe(127);
  expect(stderr).toMatch(/nowhere/);
});
