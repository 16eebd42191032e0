// A bootable disk out of a root file system, plus what a build needs to come in (its key, DHCP). The appliance is
// provisioned from the one of build/root, which takes both out again.
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, run, step } from '../shell.ts';
import { makeDisk } from './disk.ts';
import { rootDir } from './root.ts';

/** Room for releases, spool and archive; thin, and the root file system grows if the virtual disk is made larger. */
export const SYSTEM_DISK_BYTES = 16 * 1024 ** 3;

const baseDir = join(buildDir, 'base');
export const baseDisk = join(baseDir, 'base.qcow2');
export const buildKey = join(baseDir, 'key');

/** Makes `disk` from `root`, which is left as it is; `key` (and key.pub) is made anew and lets root in. */
export async function makeBootable(root: string, disk: string, key: string): Promise<void> {
  const workDir = `${disk}.work`;
  const copy = join(workDir, 'root');
  rmSync(workDir, { recursive: true, force: true });
  mkdirSync(workDir, { recursive: true });
  // A build that is interrupted leaves no disk, rather than half of one or one with another key.
  for (const file of [disk, key, `${key}.pub`]) rmSync(file, { force: true });
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'image-build', '-f', key]);
  await run('cp', ['-a', '--reflink=auto', root, copy]);

  mkdirSync(join(copy, 'root/.ssh'), { recursive: true, mode: 0o700 });
  copyFileSync(`${key}.pub`, join(copy, 'root/.ssh/authorized_keys'));
  chmodSync(join(copy, 'root/.ssh/authorized_keys'), 0o600);
  writeFileSync(
    join(copy, 'etc/systemd/network/10-build.network'),
    '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n',
  );
  await run('chroot', [copy, 'systemctl', 'enable', 'systemd-networkd', 'ssh']);
  await run('chroot', [copy, 'systemctl', 'disable', 'systemd-networkd-wait-online', 'postfix', 'vgauth']);
  rmSync(join(copy, 'etc/resolv.conf'), { force: true });
  await run('ln', ['-s', '../run/systemd/resolve/stub-resolv.conf', join(copy, 'etc/resolv.conf')]);

  await makeDisk(copy, `${disk}.new`, SYSTEM_DISK_BYTES, join(workDir, 'disk'));
  renameSync(`${disk}.new`, disk);
  rmSync(workDir, { recursive: true });
}

export async function makeBase(): Promise<void> {
  await step('bootable base: BIOS and UEFI, one ext4 root', async () => {
    rmSync(baseDir, { recursive: true, force: true });
    mkdirSync(baseDir, { recursive: true });
    await makeBootable(rootDir, baseDisk, buildKey);
  });
}
