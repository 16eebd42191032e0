import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findServiceEntries } from '../../tools/release/bundle.ts';
import { findClosure, isRuntimeFile } from '../../tools/release/externals.ts';
import { planManifest } from '../../tools/release/manifest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mss-release-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test('the manifest names every file but itself, in byte order, with its SHA-256', () => {
  write('services/ids.mjs', 'b');
  write('bin/node', 'a');
  write('manifest.json', 'old');
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const manifest = planManifest(folder, '2.0.0', '24.21.0');
  expect(Object.entries(manifest.files)).toEqual([
    ['bin/node', digest('a')],
    ['services/ids.mjs', digest('b')],
  ]);
  expect(manifest).toMatchObject({ version: '2.0.0', node: '24.21.0' });
});

test('each service is one bundle, each worker another', () => {
  write('capture/main.ts', '');
  write('capture/index.worker.ts', '');
  write('console/mss.ts', '');
  write('console/commands/status.ts', '');
  expect(findServiceEntries(folder)).toEqual({
    capture: join(folder, 'capture/main.ts'),
    'capture.index.worker': join(folder, 'capture/index.worker.ts'),
  });
});

test('the closure follows dependencies as far as they are installed', () => {
  write('a/package.json', '{"dependencies":{"b":"1"},"optionalDependencies":{"other-platform":"1"}}');
  write('b/package.json', '{"dependencies":{"a":"1"}}');
  write('c/package.json', '{}');
  expect(findClosure(['a'], folder)).toEqual(['a', 'b']);
});

test('only what Node reads at run time is shipped', () => {
  const shipped = ['index.js', 'lib/a.cjs', 'build/Release/x.node', 'LICENSE', 'package.json', 'libduckdb.so'];
  const left = ['README.md', 'index.d.ts', 'src/x.cc', 'build/Release/obj.target/x.node', 'test/a.js', 'binding.gyp'];
  expect(shipped.filter(isRuntimeFile)).toEqual(shipped);
  expect(left.filter(isRuntimeFile)).toEqual([]);
});
