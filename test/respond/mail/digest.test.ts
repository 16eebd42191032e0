// When occasions become letters: soon the first time, then once in the set time, with all that came meanwhile.
import { expect, test } from 'vitest';
import { Digest } from '../../../src/respond/mail/digest.ts';
import { ofHealth } from '../../../src/respond/occasion.ts';

const EVERY_MS = 600_000;
const START_MS = 1_700_000_000_000;
const trouble = (part: string) => ofHealth(START_MS * 1000, part, 'degraded');

test('a burst is one letter, told once its first ten seconds are over', () => {
  const digest = new Digest();
  digest.add(trouble('capture'), START_MS);
  digest.add(trouble('portal'), START_MS + 3000);
  digest.add(trouble('capture'), START_MS + 4000);
  expect(digest.take(START_MS + 9999, EVERY_MS)).toEqual([]);
  const [letter, ...others] = digest.take(START_MS + 10_000, EVERY_MS);
  expect(others).toEqual([]);
  expect(letter.occasions.map(({ title, times }) => [title, times])).toEqual([
    ['capture: degraded', 2],
    ['portal: degraded', 1],
  ]);
  expect(digest.take(START_MS + EVERY_MS * 3, EVERY_MS)).toEqual([]);
});

test('what comes within the ten minutes waits for their end; another topic does not', () => {
  const digest = new Digest();
  digest.add(trouble('capture'), START_MS);
  digest.take(START_MS + 10_000, EVERY_MS);
  digest.add(trouble('portal'), START_MS + 20_000);
  digest.add({ ...trouble('x'), topic: 'alerts' }, START_MS + 20_000);
  expect(digest.take(START_MS + 30_000, EVERY_MS).map(({ topic }) => topic)).toEqual(['alerts']);
  expect(digest.take(START_MS + 10_000 + EVERY_MS - 1, EVERY_MS)).toEqual([]);
  expect(digest.take(START_MS + 10_000 + EVERY_MS, EVERY_MS).map(({ topic }) => topic)).toEqual(['health']);
});

test('the state as JSON goes on where it was; a clock set back holds nothing', () => {
  const digest = new Digest();
  digest.add(trouble('capture'), START_MS);
  const next = new Digest(JSON.parse(JSON.stringify(digest.state)));
  expect(next.take(START_MS - 3_600_000, EVERY_MS)).toHaveLength(1);
});

test('a letter has a bound, and counts what did not fit', () => {
  const digest = new Digest();
  for (let i = 0; i < 80; i++) digest.add({ ...trouble('rule'), key: `rule ${i}` }, START_MS);
  const [letter] = digest.take(START_MS + 10_000, EVERY_MS);
  expect([letter.occasions.length, letter.left]).toEqual([50, 30]);
});
