import { expect, test } from 'vitest';
import { isLeftBehind, planInHand } from '../../src/capture/segment-step.ts';

test('a quiet worker ends its segment once others have begun several; one that is alone never has to', () => {
  expect(isLeftBehind(10, Int32Array.of(10, 18))).toBe(false);
  expect(isLeftBehind(10, Int32Array.of(10, 19))).toBe(true);
  expect(isLeftBehind(19, Int32Array.of(10, 19))).toBe(false);
  expect(isLeftBehind(0, Int32Array.of(0, 100))).toBe(false);
  expect(isLeftBehind(7, Int32Array.of(7))).toBe(false);
});

test('what may be in hand covers every segment that is not yet left behind', () => {
  expect(planInHand(1)).toBe(3);
  for (const workers of [2, 4, 8]) {
    const open = new Int32Array(workers).fill(1);
    while (!isLeftBehind(open[0], open)) open[1]++;
    expect(planInHand(workers)).toBeGreaterThan(open[1] - open[0]);
  }
});
