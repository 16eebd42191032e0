// EVE files as they grow: lines come whole and once, however the bytes are cut.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/eve/line-splitter.ts';

const pushAll = (splitter: LineSplitter, chunks: readonly Uint8Array[]) =>
  chunks.flatMap((chunk) => [...splitter.push(chunk)]);

test('any cut of the bytes gives the same lines, and the place behind the last whole one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 20 }).map((line) => line.replaceAll('\n', ''))),
      fc.string({ maxLength: 10 }).map((line) => line.replaceAll('\n', '')),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (lines, tail, sizes) => {
        const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const bytes = Buffer.concat([whole, Buffer.from(tail)]);
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value as number;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const splitter = new LineSplitter();
        const expected = lines.map((line) => Buffer.from(line).toString()).filter((line) => line !== '');
        expect(pushAll(splitter, chunks)).toEqual(expected);
        expect(splitter.completeBytes).toBe(whole.length);
      },
    ),
  );
});

test('a line without end is given up, counted once, and what follows is read', () => {
  const splitter = new LineSplitter(8);
  const chunks = ['ok\n', 'far too ', 'long a l', 'ine\n', 'next\n'].map((text) => Buffer.from(text));
  expect(pushAll(splitter, chunks)).toEqual(['ok', 'next']);
  expect(splitter.oversizedLines).toBe(1);
  expect(splitter.completeBytes).toBe(Buffer.concat(chunks).length);
});
