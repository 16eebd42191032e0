// What setup.sh would do to a machine when every question is answered by yes: as a dry run, never done here.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planManifest, renderManifest } from '../../tools/release/manifest.ts';
import { findProgram } from '../../tools/shell.ts';

let here: string;
beforeAll(() => {
  here = mkdtempSync(join(tmpdir(), 'mss-setup-'));
  cpSync('image/installer/nsm', here, { recursive: true });
  cpSync('image/rootfs', join(here, 'release/rootfs'), { recursive: true });
});
afterAll(() => rmSync(here, { recursive: true }));

/** What `call` says, with every question answered by yes. */
function dryRun(call: string): string[] {
  const script = `set -euo pipefail; here=${here} dry_run=1; for lib in say packages install uninstall; do . "$here/lib/$lib.sh"; done
    ask_yes() { return 0; }; ${call}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n');
}

const shellScripts = globSync(
  '{.ci/run,tools/*.sh,services/**/*.sh,image/**/*.sh,image/rootfs/usr/local/{bin,lib/mss}/*}',
  {
    // the first only holds settings, the others are read where setup.sh names them
    exclude: ['image/installer/nsm/etc/settings.sh', 'image/installer/nsm/lib/*'],
  },
);
const shellcheck = findProgram('shellcheck');
if (shellcheck === undefined) console.warn('shell scripts are not linted: shellcheck is not installed');

test.skipIf(shellcheck === undefined).each(shellScripts)('%s is clean to shellcheck', (script) => {
  const args = ['--external-sources', '--source-path=SCRIPTDIR', '--severity=warning', script];
  expect(spawnSync(shellcheck!, args, { encoding: 'utf8' }).stdout).toBe('');
});

const UNVERIFIED = 'not verified by the project';

test.each<[string, string, 'tested' | 'unverified', RegExp]>([
  ['Debian 13', 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie', 'tested', /apt-get install .* suricata zstd/],
  ['Debian 12', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm', 'tested', /apt-get install .* suricata zstd/],
  [
    'Debian 11',
    'ID=debian\nVERSION_ID="11"\nVERSION_CODENAME=bullseye',
    'unverified',
    /apt-get install .* suricata zstd/,
  ],
  [
    'Ubuntu 24.04',
    'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble',
    'unverified',
    /apt-get install .* iproute2 .* suricata zstd/,
  ],
  [
    'Rocky Linux 9',
    'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.5"',
    'unverified',
    /dnf install .* iproute .* suricata zstd/,
  ],
  ['RHEL 9', 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.5"', 'unverified', /dnf install .* iproute .* suricata zstd/],
])('%s: its packages, and whether that was ever tried', (name, release, state, command) => {
  const file = join(here, 'os-release');
  writeFileSync(file, `PRETTY_NAME="${name}"\n${release}\n`);
  const lines = dryRun(`os_release=${file}; is_installed() { return 1; }; apt-cache() { :; }
    apt-get() { echo http://mirror.test/debian/ $(sed -n s/VERSION_CODENAME=//p ${file}); }; install_packages`);
  expect(lines.some((line) => line.includes(UNVERIFIED))).toBe(state === 'unverified');
  expect(lines.filter((line) => command.test(line))).toHaveLength(1);
  expect(lines.includes('would write: /etc/apt/preferences.d/mss-suricata')).toBe(name.startsWith('Debian'));
});

test('a release of which a file is damaged or gone is refused before anything is done', () => {
  const release = join(here, 'release');
  const setUp = () => {
    const { status, stdout, stderr } = spawnSync(join(here, 'setup.sh'), ['--yes', '--dry-run'], { encoding: 'utf8' });
    return { status, done: stdout.includes('would '), stderr };
  };
  writeFileSync(join(release, 'mss.mjs'), '// whole\n');
  writeFileSync(join(release, 'manifest.json'), renderManifest(planManifest(release, '2.0.0', '24.0.0')));
  expect(setUp()).toMatchObject({ status: 0, done: true });
  writeFileSync(join(release, 'mss.mjs'), '// other\n');
  expect(setUp()).toEqual({ status: 1, done: false, stderr: expect.stringContaining('is damaged') });
  rmSync(join(release, 'mss.mjs'));
  expect(setUp()).toEqual({ status: 1, done: false, stderr: expect.stringContaining('is damaged') });
});

test('a share or disk of packets is let go before anything is deleted, and never deleted through', () => {
  const lines = dryRun('uninstall');
  const unmount = lines.findIndex((line) => line.startsWith('would run: systemctl stop nsm-packets.mount'));
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

test.each([
  [
    '7.0.10',
    [
      'would run: rm -rf /etc/systemd/system/mss-suricata.service.d',
      'would write: /etc/systemd/system/mss-suricata.service.d/says-nothing.conf',
    ],
  ],
  ['8.0.8', ['would run: rm -rf /etc/systemd/system/mss-suricata.service.d']],
])('Suricata %s: systemd waits for its word only where it gives one', (version, said) => {
  const call = `suricata() { echo This is Suricata version ${version} RELEASE; }; adapt_engine_unit`;
  expect(dryRun(call).filter((line) => line !== '')).toEqual(said);
});

test('a Suricata whose configuration nobody writes is named at once', () => {
  const said = dryRun('suricata() { echo This is Suricata version 6.0.4 RELEASE; }; adapt_engine_unit');
  expect(said.join()).toContain('Suricata 6 is too old');
});

test('all users and groups of the sensor go', () => {
  const lines = dryRun('uninstall');
  for (const name of ['mss-capture', 'mss-portal', 'mss-console'])
    expect(lines).toContain(`would run: userdel ${name}`);
  for (const name of ['mss', 'mss-packets']) expect(lines).toContain(`would run: groupdel ${name}`);
});
