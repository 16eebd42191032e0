// What a waiting `mss packets` takes for its arguments, time and again.
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readQuestions } from '../../../src/console/packets/read-question.ts';

const read = async (...parts: (string | Buffer)[]) => {
  const questions: string[][] = [];
  for await (const one of readQuestions(Readable.from(parts.map((part) => Buffer.from(part))))) questions.push(one);
  return questions;
};

test('questions in pieces, cut within a character, are whole; the last needs no end of its line', async () => {
  const bytes = Buffer.from('["packets","--regex","ü"]\n["packets"]\n[]');
  const cut = bytes.indexOf(0xc3) + 1;
  expect(await read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([
    ['packets', '--regex', 'ü'],
    ['packets'],
    [],
  ]);
});

test('an input that ends empty has no question', async () => {
  expect(await read()).toEqual([]);
});

test.each(['{', '"packets"', '["packets",1]', 'null\n', '\n'])('%j is refused', async (text) => {
  await expect(read(text)).rejects.toThrow(/expects a JSON array of arguments/);
});

test('one without an end is refused before it fills the memory', async () => {
  await expect(read(...Array<Buffer>(5).fill(Buffer.alloc(64 * 1024, 32)))).rejects.toThrow(/more than 262144/);
});
