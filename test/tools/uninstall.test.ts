// setup.sh --uninstall with a yes to everything, as a dry run: what it would do to a machine, never done here.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let here: string;
beforeAll(() => {
  here = mkdtempSync(join(tmpdir(), 'mss-setup-'));
  cpSync('image/installer/nsm', here, { recursive: true });
  cpSync('image/rootfs', join(here, 'release/rootfs'), { recursive: true });
});
afterAll(() => rmSync(here, { recursive: true }));

/** The lines of `function`, with every question answered by yes. */
function dryRun(call: string): string[] {
  const script = `set -euo pipefail; here=${here} dry_run=1; for lib in say packages install uninstall; do . "$here/lib/$lib.sh"; done
    ask_yes() { return 0; }; ${call}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((line) => line.startsWith('would'));
}

test('a share or disk of packets is let go before anything is deleted, and never deleted through', () => {
  const lines = dryRun('uninstall');
  const unmount = lines.indexOf('would run: systemctl stop nsm-packets.mount');
  const deletes = lines.filter((line) => / rm .*\/nsm( |$)/.test(line));
  expect(deletes).toEqual(['would run: rm -rf --one-file-system /nsm /var/lib/mss /var/spool/mss']);
  expect(unmount).toBeGreaterThan(-1);
  expect(lines.indexOf(deletes[0])).toBeGreaterThan(unmount);
});

test('all users and groups of the sensor go', () => {
  const lines = dryRun('uninstall');
  for (const name of ['mss-capture', 'mss-portal', 'mss-console'])
    expect(lines).toContain(`would run: userdel ${name}`);
  for (const name of ['mss', 'mss-packets']) expect(lines).toContain(`would run: groupdel ${name}`);
});
