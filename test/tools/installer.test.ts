// What setup.sh would do to a machine when every question is answered by yes: as a dry run, never done here.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

test.each([
  ['eth1', 'eth1', 'none'],
  ['ens4', 'eth1', 'ens4'],
  ['ens4,ens5', 'eth1', 'ens4", "ens5'],
])('the firewall closes what only listens (%s) and never the way in (%s)', (listen, management, closed) => {
  const file = join(here, 'listening.nft');
  dryRun(`firewall=yes listen=${listen}; management_interface() { echo ${management}; }
    write_file() { if [ "$1" = "$firewall_names" ]; then cat >${file}; else cat >/dev/null; fi; }; install_firewall`);
  expect(readFileSync(file, 'utf8')).toBe(`redefine listening = { "${closed}" }\n`);
});

test('all users and groups of the sensor go', () => {
  const lines = dryRun('uninstall');
  for (const name of ['mss-capture', 'mss-portal', 'mss-console'])
    expect(lines).toContain(`would run: userdel ${name}`);
  for (const name of ['mss', 'mss-packets']) expect(lines).toContain(`would run: groupdel ${name}`);
});
