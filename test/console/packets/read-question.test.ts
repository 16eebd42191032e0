// What a waiting `mss packets` takes for its arguments.
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readQuestion } from '../../../src/console/packets/read-question.ts';

const read = (...parts: string[]) => readQuestion(Readable.from(parts.map((part) => Buffer.from(part))));

test('arguments in pieces, cut within a character, are whole', async () => {
  const bytes = Buffer.from('["packets","--regex","ü"]');
  const cut = bytes.indexOf(0xc3) + 1;
  expect(await readQuestion(Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]))).toEqual([
    'packets',
    '--regex',
    'ü',
  ]);
});

test('an input that ends empty is no question', async () => {
  expect(await read()).toBeUndefined();
});

test.each(['{', '"packets"', '["packets",1]', 'null'])('%s is refused', async (text) => {
  await expect(read(text)).rejects.toThrow(/expects a JSON array of arguments/);
});

test('one without an end is refused before it fills the memory', async () => {
  await expect(readQuestion(Readable.from(Array(5).fill(Buffer.alloc(64 * 1024))))).rejects.toThrow(/more than 262144/);
});
