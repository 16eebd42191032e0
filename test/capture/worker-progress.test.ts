import { expect, test } from 'vitest';
import { WorkerProgress } from '../../src/capture/worker-progress.ts';

test('a worker that stands still is not hidden by the others', () => {
  const progress = new WorkerProgress();
  expect(progress.moved([5, 5])).toBe(true);
  expect(progress.moved([6, 5])).toBe(false);
  expect(progress.moved([7, 6])).toBe(true);
  expect(progress.moved([8, 6])).toBe(false);
  expect(progress.moved([900, 6])).toBe(false);
});

test('new workers, and none, count as progress', () => {
  const progress = new WorkerProgress();
  expect(progress.moved([])).toBe(true);
  expect(progress.moved([])).toBe(true);
  expect(progress.moved([3, 3])).toBe(true);
  expect(progress.moved([3])).toBe(true);
});
