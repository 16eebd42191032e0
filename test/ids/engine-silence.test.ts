// When an engine counts as hung: it spoke, and then did not for minutes.
import { expect, test } from 'vitest';
import { EngineSilence, SILENT_MS } from '../../src/ids/engine-silence.ts';

test('one that never spoke is loading; one that spoke and stopped is suspected once', () => {
  const silence = new EngineSilence(0);
  expect(silence.isSuspicious(0, 10 * SILENT_MS)).toBe(false);
  expect(silence.isSuspicious(1, 10 * SILENT_MS)).toBe(false);
  expect(silence.isSuspicious(1, 11 * SILENT_MS - 1)).toBe(false);
  expect(silence.isSuspicious(1, 11 * SILENT_MS)).toBe(true);
  expect(silence.isSuspicious(1, 20 * SILENT_MS)).toBe(false);
  expect(silence.isSuspicious(2, 21 * SILENT_MS)).toBe(false);
  expect(silence.isSuspicious(2, 22 * SILENT_MS)).toBe(true);
});
