import { expect, test } from 'vitest';
import { compareVersions, isVersion } from '../../src/updater/release-version.ts';

test('precedence: numbers as numbers, candidates before their release', () => {
  const ordered = ['1.9', '1.10.0', '2.0.0-alpha', '2.0.0-rc.2', '2.0.0-rc.10', '2.0.0-rc.x', '2.0.0', '2.0.1', '10.0'];
  expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
  expect(compareVersions('2.0', '2.0.0')).toBe(0);
});

test('what is no version number', () => {
  for (const text of ['2.0.0', '2', '2.0.0-rc.1']) expect(isVersion(text)).toBe(true);
  for (const text of ['', 'v2', '2..0', '2.0.0-', '../2.0', '1.2.3.4.5']) expect(isVersion(text)).toBe(false);
});
