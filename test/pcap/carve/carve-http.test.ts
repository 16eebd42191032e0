// Bodies of HTTP/1 as a capture has them: in pieces of any size, encoded, cut short, hostile.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CarvedFile, type CarveLimits, HttpCarver } from '../../../src/pcap/carve/carve-http.ts';

const UP = { name: 'a > b tcp', flow: 'a b tcp', isTcp: true };
const DOWN = { name: 'b > a tcp', flow: 'a b tcp', isTcp: true };

function carve(
  says: [typeof UP, string | Uint8Array, number?][],
  pieceBytes = 1e6,
  limits?: CarveLimits,
): CarvedFile[] {
  const carver = new HttpCarver(limits);
  const files: CarvedFile[] = [];
  for (const [direction, what, missing = 0] of says) {
    const bytes = Buffer.from(what);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const part = bytes.subarray(at, at + pieceBytes);
      files.push(...carver.add({ direction, bytes: part, missingBytes: at === 0 ? missing : 0, timeNs: 1n }));
    }
  }
  return [...files, ...carver.end()];
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: example.test\r\n\r\n`;
const answer = (body: string | Uint8Array, headers = '') =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.from(body).length}\r\n\r\n`),
    Buffer.from(body),
  ]);
const text = ({ bytes }: CarvedFile) => Buffer.from(bytes).toString();

test('whatever the pieces are, the files are the same', () => {
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n';
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (pieceBytes) => {
      const files = carve(
        [
          [UP, get('/a/one.txt?q=1')],
          [DOWN, Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), answer('first')])],
          [UP, get('/two')],
          [DOWN, chunked],
          [UP, 'POST /in HTTP/1.1\r\nHost: example.test\r\nContent-Length: 4\r\n\r\nform'],
          [DOWN, 'HTTP/1.1 204 No Content\r\n\r\n'],
          [UP, get('/last')],
          [DOWN, 'HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nuntil the end'],
        ],
        pieceBytes,
      );
      expect(files.map((file) => [file.name, file.url, text(file), file.whole])).toEqual([
        ['0001-one.txt', 'http://example.test/a/one.txt?q=1', 'first', true],
        ['0002-two', 'http://example.test/two', 'hello world', true],
        ['0003-in', 'http://example.test/in', 'form', true],
        ['0004-last', 'http://example.test/last', 'until the end', true],
      ]);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('the content encoding %s is undone', (name, encode) => {
  const [file] = carve([[DOWN, answer(encode(Buffer.from('plain')), `Content-Encoding: ${name}\r\n`)]]);
  expect([text(file), file.whole]).toEqual(['plain', true]);
});

test('a bomb stays as it came, and so does what is no gzip', () => {
  const limits = { fileBytes: 10_000, totalBytes: 1e6, files: 10 };
  const bomb = gzipSync(Buffer.alloc(1e6));
  const [first] = carve([[DOWN, answer(bomb, 'Content-Encoding: gzip\r\n')]], 1e6, limits);
  expect([first.bytes.length, first.whole]).toEqual([bomb.length, false]);
  const [second] = carve([[DOWN, answer('no gzip', 'Content-Encoding: gzip\r\n')]]);
  expect([text(second), second.whole]).toEqual(['no gzip', false]);
});

test('missing bytes, a cut end and a file beyond the limit are said', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
  expect(
    carve([
      [DOWN, `${head}01`],
      [DOWN, '6789', 4],
    ]).map((file) => [text(file), file.whole]),
  ).toEqual([['016789', false]]);
  expect(carve([[DOWN, `${head}0123`]]).map((file) => [text(file), file.whole])).toEqual([['0123', false]]);
  const limits = { fileBytes: 5, totalBytes: 1e6, files: 1 };
  const files = carve(
    [
      [DOWN, answer('0123456789')],
      [DOWN, answer('second')],
    ],
    3,
    limits,
  );
  expect(files).toHaveLength(1);
  expect(files[0].whole).toBe(false);
});

test.each([
  '../../etc/passwd',
  '/x/..%2f..%2fy',
  '/a/\\..\\b',
  '/.ssh',
  `/${'a'.repeat(500)}`,
  '/a\u0000b',
  '/con<>:"|?*',
])('the name of %s is safe', (target) => {
  const [{ name }] = carve([
    [UP, get(target.replaceAll(' ', ''))],
    [DOWN, answer('x')],
  ]);
  expect(name).toMatch(/^0001-[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/);
});

test('bytes of any kind end well', () => {
  const line = fc.constantFrom(
    'HTTP/1.1 200 OK\r\n',
    'Transfer-Encoding: chunked\r\n\r\n',
    'zz\r\n',
    '\r\n',
    'Content-Length: 9\r\n',
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(line, fc.string()), fc.constantFrom(0, 0, 3)), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      (says, pieceBytes) => {
        carve(
          says.map(([what, missing]) => [DOWN, what, missing]),
          pieceBytes,
        );
      },
    ),
  );
});
