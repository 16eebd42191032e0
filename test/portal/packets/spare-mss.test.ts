// Which program gets a question: one that waits, or a new one; which wait on, and when the next is started.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { SpareMss } from '../../../src/portal/packets/spare-mss.ts';

function makeSpare() {
  const log: string[] = [];
  const ends: ((dead?: boolean) => void)[] = [];
  const dead = new Set<number>();
  const leaving = new AbortController();
  let started = 0;
  const spare = new SpareMss(() => {
    const number = ++started;
    log.push(`start ${number}`);
    return {
      alive: () => !dead.has(number),
      ask: (question) => {
        log.push(`${number} is asked ${question}`);
        const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
          ends[number] = (isDead = false) => {
            if (isDead) dead.add(number);
            resolve({ code: 0, stderr: '' });
          };
        });
        return { stdout: new PassThrough(), ended, stop: () => {} };
      },
      stop: () => {
        dead.add(number);
        log.push(`stop ${number}`);
      },
    };
  }, leaving.signal);
  return { spare, log, ends, dead, leaving };
}
const ask = (spare: SpareMss, ...args: string[]) => spare.ask(args, () => false);

test('the one that waits is asked, and waits again after its answer', async () => {
  const { spare, log, ends } = makeSpare();
  spare.prepare();
  spare.prepare();
  const first = ask(spare, 'a', 'b');
  ends[1]();
  await first.ended;
  ask(spare, 'c');
  expect(log).toEqual(['start 1', '1 is asked ["a","b"]', '1 is asked ["c"]']);
});

test('one that has died is replaced as soon as that is known', async () => {
  const { spare, log, ends, dead } = makeSpare();
  spare.prepare();
  const first = ask(spare, 'a');
  ends[1](true);
  await first.ended;
  dead.add(2);
  ask(spare, 'b');
  expect(log).toEqual(['start 1', '1 is asked ["a"]', 'stop 1', 'start 2', 'start 3', '3 is asked ["b"]']);
});

test('questions at one time have a program each, of which two wait on', async () => {
  const { spare, log, ends } = makeSpare();
  const running = ['a', 'b', 'c'].map((word) => ask(spare, word));
  for (const end of ends.slice(1)) end();
  await Promise.all(running.map(({ ended }) => ended));
  expect(log.slice(-1)).toEqual(['stop 3']);
  for (const word of ['d', 'e', 'f']) ask(spare, word);
  expect(log.slice(-4)).toEqual(['2 is asked ["d"]', '1 is asked ["e"]', 'start 4', '4 is asked ["f"]']);
});

test('none answers for ever', async () => {
  const { spare, log, ends } = makeSpare();
  for (let i = 0; i < 101; i++) {
    const running = ask(spare, String(i));
    ends.at(-1)?.();
    await running.ended;
  }
  expect(log.filter((line) => !line.includes('asked'))).toEqual(['start 1', 'stop 1', 'start 2']);
});

test('the end of the service ends those that wait; no other is started', async () => {
  const { spare, log, ends, leaving } = makeSpare();
  const running = ask(spare, 'a');
  spare.prepare();
  leaving.abort();
  ends[1]();
  await running.ended;
  spare.prepare();
  expect(log).toEqual(['start 1', '1 is asked ["a"]', 'start 2', 'stop 2', 'stop 1']);
});
