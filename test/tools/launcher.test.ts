// The launcher as a release has it: <name>.mjs, with its script and what was compiled ahead beside.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'mss-launcher-'));
afterAll(() => rmSync(folder, { recursive: true }));

const launcher = readFileSync(new URL('../../tools/release/launcher.ts', import.meta.url), 'utf8');
const compiled = join(folder, 'probe.v8');
const WHAT_A_SCRIPT_HAS = `
  exports.named = 1;
  import('node:path').then(({ basename }) =>
    console.log([basename(__filename), require('./beside.cjs'), module.exports.named, process.argv[2]].join(' ')));`;
writeFileSync(join(folder, 'probe.mjs'), stripTypeScriptTypes(launcher));
writeFileSync(join(folder, 'probe.cjs'), WHAT_A_SCRIPT_HAS);
writeFileSync(join(folder, 'beside.cjs'), "module.exports = 'beside';");

const start = (env: NodeJS.ProcessEnv = {}): string =>
  execFileSync(process.execPath, [join(folder, 'probe.mjs'), 'word'], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: 'pipe',
  });

test('runs the script with or without what was compiled ahead, and with what another V8 or a torn copy left', () => {
  const said = 'probe.cjs beside 1 word\n';
  expect(start()).toBe(said);
  expect(existsSync(compiled)).toBe(false);
  expect(start({ MSS_COMPILE_AHEAD: '1' })).toBe(said);
  const bytes = readFileSync(compiled);
  expect(start()).toBe(said);
  truncateSync(compiled, bytes.length / 2);
  expect(start()).toBe(said);
  writeFileSync(compiled, Buffer.alloc(bytes.length, 0xa5));
  expect(start()).toBe(said);
});
