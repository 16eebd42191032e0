import { expect, test } from 'vitest';
import type { ArchiveReader } from '../../src/archive/event-archive.ts';
import { readWhenOpen } from '../../src/archive/read-when-open.ts';

const empty: ArchiveReader = {
  search: async () => [],
  hosts: async () => [],
  find: async () => undefined,
  coverage: async () => ({ rows: 7 }),
};

test('a question asked before the archive is open is answered when it is, and so are those after', async () => {
  const opening = Promise.withResolvers<ArchiveReader>();
  const reader = readWhenOpen(opening.promise, 60_000);
  const asked = reader.coverage('alerts');
  opening.resolve(empty);
  expect(await asked).toEqual({ rows: 7 });
  expect(await reader.search('alerts', { filter: { kind: 'all' } as never, limit: 1 })).toEqual([]);
});

test('a question does not wait for ever, and the next one is answered all the same', async () => {
  const opening = Promise.withResolvers<ArchiveReader>();
  const reader = readWhenOpen(opening.promise, 1);
  await expect(reader.coverage('alerts')).rejects.toMatchObject({ code: 'archive' });
  opening.resolve(empty);
  expect(await reader.coverage('alerts')).toEqual({ rows: 7 });
});

test('an archive that cannot be opened at all is said to whoever asks', async () => {
  const reader = readWhenOpen(Promise.reject(new Error('stopped')), 60_000);
  await expect(reader.coverage('alerts')).rejects.toThrow('stopped');
});
