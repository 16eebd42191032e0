import { expect, test } from 'vitest';
import { chooseStore } from '../../src/capture/choose-store.ts';
import { planRing, planSegmentBytes, planWorkers } from '../../src/capture/plan-capture.ts';

const MB = 2 ** 20;

test('the rings together take a 32nd of the memory, within bounds', () => {
  expect(planRing(4096 * MB, 1)).toEqual({ blockBytes: 4 * MB, blocks: 32 });
  expect(planRing(4096 * MB, 2)).toEqual({ blockBytes: 4 * MB, blocks: 16 });
  expect(planRing(4096 * MB, 3)).toEqual({ blockBytes: MB, blocks: 42 });
  expect(planRing(64 * 1024 * MB, 1)).toEqual({ blockBytes: 4 * MB, blocks: 64 });
  expect(planRing(256 * MB, 1)).toEqual({ blockBytes: MB, blocks: 16 });
  expect(planRing(256 * MB, 16)).toEqual({ blockBytes: MB, blocks: 4 });
});

test('one worker for every four cores, as long as memory and ring are enough for each; a number wanted is taken', () => {
  expect(planWorkers(0, 2, 4096 * MB, 1)).toBe(1);
  expect(planWorkers(0, 8, 16 * 1024 * MB, 1)).toBe(2);
  expect(planWorkers(0, 128, 64 * 1024 * MB, 1)).toBe(8);
  expect(planWorkers(0, 128, 4096 * MB, 1)).toBe(2);
  expect(planWorkers(0, 128, 64 * 1024 * MB, 4)).toBe(4);
  expect(planWorkers(0, 16, 1024 * MB, 16)).toBe(1);
  expect(planWorkers(4, 2, 1024 * MB, 16)).toBe(4);
});

test('segments are a sixteenth of the quota, within bounds', () => {
  expect(planSegmentBytes(1024 * MB, 1)).toBe(64 * MB);
  expect(planSegmentBytes(10 * MB, 1)).toBe(4 * MB);
  expect(planSegmentBytes(Number.POSITIVE_INFINITY, 1)).toBe(128 * MB);
  expect(planSegmentBytes(1024 * MB, 4)).toBe(16 * MB);
  expect(planSegmentBytes(Number.POSITIVE_INFINITY, 4)).toBe(128 * MB);
});

test('where packets go: held while control looks, then on the storage, never under a mount point without its mount', () => {
  const storage = {
    kind: 'disk' as const,
    mountPoint: '/nsm/packets',
    dir: '/nsm/packets/MetaFlows/u',
    label: 'disk b',
    totalBytes: 1,
  };
  const facts = { storage, mounted: true, waitedMs: 0, fallbackDir: '/var/lib/mss/packets' };
  expect(chooseStore({ ...facts, storage: undefined }).dir).toBeUndefined();
  expect(chooseStore({ ...facts, storage: undefined, waitedMs: 11_000 })).toMatchObject({
    dir: '/var/lib/mss/packets',
    degraded: expect.stringMatching(/no storage/),
  });
  expect(chooseStore(facts)).toEqual({ dir: storage.dir, label: 'disk b', mountPoint: '/nsm/packets' });
  const gone = chooseStore({ ...facts, mounted: false });
  expect(gone.dir).toBe('/var/lib/mss/packets');
  expect(gone.degraded).toMatch(/disk b is gone/);
  expect(
    chooseStore({ ...facts, mounted: false, storage: { ...storage, mountPoint: undefined } }).degraded,
  ).toBeUndefined();
});
