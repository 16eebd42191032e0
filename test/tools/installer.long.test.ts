// setup.sh's packages for real: in chroots of plain Debian roots that lack them, from this machine's own mirror, and out
// again. What it does to a running system is test/boot/plain-debian.test.ts.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bookwormRoot } from '../../tools/image/plain-debian.ts';
import { rootDir } from '../../tools/image/root.ts';
import { run } from '../../tools/shell.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('packages are not installed for real: a chroot needs root');

describe.skipIf(!isRoot).each([
  { name: 'Debian 12', root: bookwormRoot, suite: 'bookworm', version: 'Suricata version 7.' },
  { name: 'Debian 13', root: rootDir, suite: 'trixie', version: 'Suricata version 8.' },
])('$name', ({ root, suite, version }) => {
  let folder: string;
  let copy: string;

  const inside = (command: string): Promise<string> => run('chroot', [copy, 'bash', '-c', command]);
  /** Functions of the installer, with the default answers; there is no systemd to talk to. */
  const installer = (call: string): Promise<string> =>
    inside(`set -euo pipefail; here=/root/nsm answer_yes=1 listen= firewall=no; systemctl() { :; }
      for lib in say packages install uninstall; do . "$here/lib/$lib.sh"; done; ${call}`);
  const isInstalled = (name: string): Promise<string> =>
    inside(`dpkg-query -W -f '\${db:Status-Status}' ${name} 2>/dev/null || :`);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mss-packages-'));
    copy = join(folder, 'root');
    await run('cp', ['-a', '--reflink=auto', root, copy]);
    await inside('apt-get remove -y -qq suricata ethtool');
    const sources = join(copy, 'etc/apt/sources.list');
    writeFileSync(sources, readFileSync(sources, 'utf8').replaceAll(/^.*-backports .*$/gm, ''));
    rmSync(join(copy, 'etc/apt/preferences.d/mss-suricata'));
    rmSync(join(copy, 'etc/resolv.conf'), { force: true });
    writeFileSync(join(copy, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'));
    cpSync('image/installer/nsm', join(copy, 'root/nsm'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('Suricata comes from backports, and nothing stays that was not there before', async () => {
    await installer('install_packages');
    expect(await inside('suricata -V')).toContain(version);
    expect(await inside('cat /etc/apt/sources.list.d/mss-backports.list')).toMatch(
      new RegExp(`^deb \\S+ ${suite}-backports main\\n$`),
    );
    expect(await inside('cat /nsm/etc/.installed')).toBe(' ethtool suricata\n');
    await installer('uninstall');
    expect(await isInstalled('suricata')).not.toBe('installed');
    expect(await isInstalled('ethtool')).not.toBe('installed');
    expect(await isInstalled('nftables')).toBe('installed');
    expect(existsSync(join(copy, 'etc/apt/sources.list.d/mss-backports.list'))).toBe(false);
    expect(existsSync(join(copy, 'etc/apt/preferences.d/mss-suricata'))).toBe(false);
  });
});
