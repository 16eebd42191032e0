// Rule tarballs, good and hostile; each is made here, byte by byte where tar-stream would not make it.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { MssError } from '../../src/errors.ts';
import { readRuleTar } from '../../src/rules/read-tar.ts';

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0];

async function tar(...entries: [Entry, string?][]): Promise<Buffer> {
  const archive = pack();
  for (const [header, text] of entries) archive.entry(header, text ?? '');
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

test('rule files are read, with or without gzip; others are passed over', async () => {
  const bytes = await tar(
    [{ name: 'rules/', type: 'directory' }],
    [{ name: 'rules/b.rules' }, 'b'],
    [{ name: 'rules/LICENSE' }, 'text'],
    [{ name: 'rules/a.rules' }, 'a'],
  );
  const expected = [
    { file: 'a.rules', text: 'a' },
    { file: 'b.rules', text: 'b' },
  ];
  expect(await readRuleTar(bytes, 't')).toEqual(expected);
  expect(await readRuleTar(gzipSync(bytes), 't')).toEqual(expected);
});

test.each<[string, Entry]>([
  ['leads out of the archive', { name: '../../etc/cron.d/x.rules' }],
  ['leads out of the archive', { name: '/etc/x.rules' }],
  ['is a symlink', { name: 'x.rules', type: 'symlink', linkname: '/etc/shadow' }],
  ['is a link', { name: 'x.rules', type: 'link', linkname: '/etc/shadow' }],
  ['is a character-device', { name: 'x.rules', type: 'character-device' }],
])('refused: %s', async (why, header) => {
  await expect(readRuleTar(await tar([{ name: 'good.rules' }, 'g'], [header]), 't')).rejects.toThrow(why);
});

test('an entry that claims to be huge is refused before it is unpacked', async () => {
  const bytes = await tar([{ name: 'x.rules' }, 'x']);
  // size field of the ustar header, and its checksum anew
  bytes.write('77777777777', 124);
  bytes.fill(' ', 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  await expect(readRuleTar(gzipSync(bytes), 't')).rejects.toThrow('is the most');
});

test.each([
  ['no tar', Buffer.from('this is no tar archive at all, and long enough to be looked at'.repeat(20))],
  ['nothing', Buffer.alloc(0)],
  ['cut gzip', gzipSync(Buffer.alloc(5000, 'x')).subarray(0, 20)],
])('%s is an error, not an empty set', async (_what, bytes) => {
  await expect(readRuleTar(bytes, 't')).rejects.toThrow('t: ');
});

test('whatever is changed in an archive, it is read or refused with a reason', async () => {
  const whole = await tar([{ name: 'a.rules' }, 'a'.repeat(600)], [{ name: 'b.txt' }, 'b'], [{ name: 'c.rules' }, 'c']);
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 8 }),
      fc.nat(whole.length),
      fc.boolean(),
      async (changes, end, zip) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        const cut = zip ? gzipSync(bytes).subarray(0, end) : bytes.subarray(0, end);
        const found = await readRuleTar(cut, 't').catch((error: unknown) => error);
        expect(Array.isArray(found) || found instanceof MssError).toBe(true);
      },
    ),
  );
});
