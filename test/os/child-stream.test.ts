// A real program that waits for its question: answered, watched, stopped, and gone before it was asked.
import { buffer, text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { startWaiting } from '../../src/os/child-stream.ts';

const start = (script: string, timeoutMs = 60_000) =>
  startWaiting([process.execPath, '-e', script], { timeoutMs, env: { WORD: 'from the environment' } });
const ECHO = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  console.error('{"far":1}');
  console.error('odd');
  const answer = (process.env.WORD + ': ' + line).repeat(line === 'much' ? 100_000 : 1);
  process.stdout.write(answer, () =>
    console.error(JSON.stringify({ type: 'answered', code: line.length, bytes: answer.length, last: line === 'last' })));
})`;

test('it is asked time and again, and what it says of its progress is no complaint', async () => {
  const lines: string[] = [];
  const child = start(ECHO);
  const ask = (question: string) =>
    child.ask(question, (line) => {
      if (line.startsWith('{')) lines.push(line);
      return line.startsWith('{');
    });
  for (const question of ['what?', 'much', 'no']) {
    const answer = ask(question);
    const whole = await text(answer.stdout);
    expect(whole.length).toBe(`from the environment: ${question}`.length * (question === 'much' ? 100_000 : 1));
    expect(await answer.ended).toEqual({ code: question.length, stderr: 'odd' });
    answer.stop(); // too late for it to matter
    expect(child.alive()).toBe(true);
  }
  expect(lines).toEqual(Array(3).fill('{"far":1}'));
  child.stop();
});

test('one that ends after its answer is not asked again', async () => {
  const child = start(ECHO);
  const answer = child.ask('last', () => false);
  expect(await text(answer.stdout)).toBe('from the environment: last');
  expect([await answer.ended, child.alive()]).toEqual([{ code: 4, stderr: '{"far":1}\nodd' }, false]);
  child.stop();
});

test('one that is stopped in the middle of a long answer that nobody reads is gone', async () => {
  const child = start(ECHO);
  const answer = child.ask('much', () => false);
  answer.stdout.once('readable', () => answer.stop());
  expect((await answer.ended).code).toBe(137);
  expect(child.alive()).toBe(false);
});

test('one that talks without being asked is ended', async () => {
  const child = start(`console.log('hello'); setInterval(() => {}, 1000)`);
  await vi.waitFor(() => expect(child.alive()).toBe(false));
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

test('mss packets answers one question after the other, whatever came of the last', async () => {
  const child = startWaiting([process.execPath, 'services/console/mss.ts', 'packets', '--wait'], { timeoutMs: 60_000 });
  const codes: number[] = [];
  for (const filter of ['host 10.0.0.1', 'no such words', 'host 10.0.0.2']) {
    const asked = child.ask(
      JSON.stringify(['packets', '--store', '/nowhere', '--filter', filter, '-w', '-']),
      () => false,
    );
    expect((await buffer(asked.stdout)).length).toBe(filter.startsWith('host') ? 28 : 0);
    const { code, stderr } = await asked.ended;
    codes.push(code);
    expect(stderr).toMatch(filter.startsWith('host') ? /holds no packets/ : /no such words|column/);
  }
  expect(codes).toEqual([0, 2, 0]);
  child.stop();
});
