// The flat list of keys is the tree's own, and a difference is named by key.
import { expect, test } from 'vitest';
import { diffConfig } from '../../src/config/diff.ts';
import { listKeys } from '../../src/config/keys.ts';
import { defaultConfig, getKey, setKey } from '../../src/config/parse.ts';

test('every key has its own label, a help text, and the default that a new configuration has', () => {
  const keys = listKeys();
  expect(keys.length).toBeGreaterThan(15);
  for (const { path, label, help, default: fallback } of keys) {
    expect(label, path).not.toBe(path);
    expect(help, path).not.toBe('');
    expect(getKey(defaultConfig(), path), path).toEqual(fallback);
  }
});

test('only keys that differ are named, lists as a whole, the version never', () => {
  const before = defaultConfig();
  expect(diffConfig(before, { ...before, version: 9 })).toEqual([]);
  const after = setKey(setKey(before, 'ids.homeNet', '192.0.2.0/24'), 'capture.snaplen', '128');
  expect(diffConfig(before, after)).toEqual(['capture.snaplen', 'ids.homeNet']);
});
