// The bootable base that is provisioned: build/root plus what a build needs to come in (its key, DHCP). Provisioning
// takes both out again.
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, run, step } from '../shell.ts';
import { makeDisk } from './disk.ts';
import { rootDir } from './root.ts';

/** Room for releases, spool and archive; thin, and the root file system grows if the virtual disk is made larger. */
export const SYSTEM_DISK_BYTES = 16 * 1024 ** 3;

const baseDir = join(buildDir, 'base');
export const baseDisk = join(baseDir, 'base.qcow2');
export const buildKey = join(baseDir, 'key');

export async function makeBase(): Promise<void> {
  await step('bootable base: BIOS and UEFI, one ext4 root', async () => {
    const copy = join(baseDir, 'root');
    rmSync(baseDir, { recursive: true, force: true });
    mkdirSync(baseDir, { recursive: true });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'image-build', '-f', buildKey]);
    await run('cp', ['-a', '--reflink=auto', rootDir, copy]);

    mkdirSync(join(copy, 'root/.ssh'), { recursive: true, mode: 0o700 });
    copyFileSync(`${buildKey}.pub`, join(copy, 'root/.ssh/authorized_keys'));
    chmodSync(join(copy, 'root/.ssh/authorized_keys'), 0o600);
    writeFileSync(
      join(copy, 'etc/systemd/network/10-build.network'),
      '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n',
    );
    await run('chroot', [copy, 'systemctl', 'enable', 'systemd-networkd', 'ssh']);
    await run('chroot', [copy, 'systemctl', 'disable', 'systemd-networkd-wait-online', 'postfix', 'vgauth']);
    rmSync(join(copy, 'etc/resolv.conf'), { force: true });
    await run('ln', ['-s', '../run/systemd/resolve/stub-resolv.conf', join(copy, 'etc/resolv.conf')]);

    await makeDisk(copy, baseDisk, SYSTEM_DISK_BYTES, join(baseDir, 'work'));
    rmSync(copy, { recursive: true });
  });
}
