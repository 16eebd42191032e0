// linux.zip on a plain Debian 13 with its packages already there: installed, running, taken out again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainDisk } from '../../tools/boot/image-disks.ts';
import { Machine } from '../../tools/boot/machine.ts';
import { payloadTar } from '../../tools/image/payload.ts';
import { figure } from '../../tools/shell.ts';

// What no installation may touch without being told to.
const UNTOUCHED = '/etc/nftables.conf /etc/ssh/sshd_config /etc/pam.d/sshd /etc/postfix/main.cf /etc/hostname';

let machine: Machine;

beforeAll(async () => {
  machine = await Machine.start({ ...plainDisk, hardStopMs: 20 * 60_000 });
  await machine.waitForSsh(8 * 60_000);
  await machine.copyIn(payloadTar, '/root/nsm.tar.zst');
  await machine.run('tar --zstd -xf nsm.tar.zst && rm nsm.tar.zst', 300_000);
});

afterAll(async () => {
  await machine?.stop();
});

const fingerprints = (): Promise<string> =>
  machine.run(
    `sha256sum ${UNTOUCHED}; grep ^root: /etc/shadow; ls /etc/systemd/network /etc/sysctl.d; nft list ruleset`,
  );
const mssFiles = (): Promise<string> =>
  machine.run(
    "find /etc/systemd/system /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/local/bin -name 'mss*'",
  );

test('says what it would do, and does nothing', async () => {
  const said = await machine.run('nsm/setup.sh --yes --dry-run');
  expect(said).toContain('would run: systemd-sysusers');
  expect(await mssFiles()).toBe('');
});

test('is refused with a damaged release', async () => {
  await machine.run('cp -r nsm damaged && echo x >>damaged/release/mss.mjs');
  await expect(machine.run('damaged/setup.sh --yes')).rejects.toThrow('is damaged');
  await machine.run('rm -rf damaged');
  expect(await mssFiles()).toBe('');
});

test('installs and runs as a standalone sensor, and touches nothing else', async () => {
  const before = await fingerprints();
  await machine.run('nsm/setup.sh --yes --listen eth1 --home-net 192.168.77.0/24', 300_000);
  expect(await fingerprints()).toBe(before);
  await machine.waitForUnits(['mss.target', 'mss-capture', 'mss-ids', 'mss-portal'], 240);
  expect(await machine.run('systemctl --failed --plain --no-legend')).toBe('');
  const boot = await machine.run('systemctl show -P ActiveEnterTimestampMonotonic multi-user.target');
  figure('plain-boot', Number(boot) / 1e6, 's');
});

test('goes again and leaves nothing that runs', async () => {
  await machine.run('nsm/setup.sh --yes --uninstall', 300_000);
  expect(await mssFiles()).toBe('');
  expect(await machine.run("systemctl list-units --all --plain --no-legend 'mss*'")).toBe('');
  expect(await machine.run('test ! -e /nsm/current && test ! -e /nsm/releases && echo gone')).toBe('gone\n');
});
