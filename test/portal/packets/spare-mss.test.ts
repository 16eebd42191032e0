// Which program gets a question: the one that waits, or a new one, and when the next is started.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { SpareMss } from '../../../src/portal/packets/spare-mss.ts';

function makeSpare() {
  const log: string[] = [];
  const ends: (() => void)[] = [];
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
          ends[number] = () => {
            dead.add(number);
            resolve({ code: 0, stderr: '' });
          };
        });
        return { stdout: new PassThrough(), ended, stop: () => {} };
      },
      stop: () => void log.push(`stop ${number}`),
    };
  }, leaving.signal);
  return { spare, log, ends, dead, leaving };
}
const ask = (spare: SpareMss, ...args: string[]) => spare.ask(args, () => false);

test('the one that waits is asked, and the next is started when it has ended', async () => {
  const { spare, log, ends } = makeSpare();
  spare.prepare();
  spare.prepare();
  const first = ask(spare, 'a', 'b');
  expect(log).toEqual(['start 1', '1 is asked ["a","b"]']);
  ends[1]();
  await first.ended;
  ask(spare, 'c');
  expect(log.slice(2)).toEqual(['start 2', '2 is asked ["c"]']);
});

test('a second question at once, and one whose spare has died, start their own', async () => {
  const { spare, log, ends, dead } = makeSpare();
  spare.prepare();
  ask(spare, 'a');
  const second = ask(spare, 'b');
  ends[2]();
  await second.ended;
  dead.add(3);
  ask(spare, 'c');
  expect(log).toEqual([
    'start 1',
    '1 is asked ["a"]',
    'start 2',
    '2 is asked ["b"]',
    'start 3',
    'start 4',
    '4 is asked ["c"]',
  ]);
});

test('the end of the service ends the one that waits; no other is started', async () => {
  const { spare, log, ends, leaving } = makeSpare();
  const running = ask(spare, 'a');
  spare.prepare();
  leaving.abort();
  ends[1]();
  await running.ended;
  spare.prepare();
  expect(log).toEqual(['start 1', '1 is asked ["a"]', 'start 2', 'stop 2']);
});
