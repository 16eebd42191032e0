// npm run bench:boot: power-on to the board and to capturing, against a bare Debian of the same kernel and initrd that
// the same emulator boots in the same run. Bare: init, udev, dbus, networkd and a login prompt, nothing else.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { applianceDisk } from '../boot/image-disks.ts';
import { Machine } from '../boot/machine.ts';
import { makeDisk } from '../image/disk.ts';
import { buildImage } from '../image/image.ts';
import { APPLIANCE_SUITE, bootstrap } from '../image/root.ts';
import { buildDir, figure, main, step } from '../shell.ts';

const BARE_PACKAGES = [
  'linux-image-amd64',
  'initramfs-tools',
  'zstd',
  'systemd-sysv',
  'dbus',
  'udev',
  'kmod',
  'iproute2',
  'grub-pc-bin',
  'grub-efi-amd64-bin',
  'grub2-common',
];
const BARE_DISK_BYTES = 4 * 1024 ** 3;
const bareDisk = join(buildDir, 'bare', 'bare.qcow2');
const SENSOR_UNITS = ['mss-capture', 'mss-suricata', 'mss-console'];
const STOP_MS = 15 * 60_000;
const BOOT_MS = 8 * 60_000;

async function makeBareDebian(): Promise<void> {
  if (existsSync(bareDisk)) return;
  await step('bare Debian of the same kernel', async () => {
    const root = join(buildDir, 'bare', 'root');
    mkdirSync(join(buildDir, 'bare'), { recursive: true });
    await bootstrap(APPLIANCE_SUITE, BARE_PACKAGES, root);
    await makeDisk(root, bareDisk, BARE_DISK_BYTES, join(buildDir, 'bare', 'work'));
    rmSync(root, { recursive: true });
  });
}

const secondsSince = (startedMs: number): number => (performance.now() - startedMs) / 1000;

/** Seconds from power-on to the login prompt. */
async function bootBare(): Promise<number> {
  const machine = await Machine.start({
    disk: bareDisk,
    diskFormat: 'qcow2',
    kernel: applianceDisk.kernel,
    hardStopMs: STOP_MS,
  });
  try {
    await machine.waitForSerial(/login: /, BOOT_MS);
    return secondsSince(machine.startedMs);
  } finally {
    await machine.stop();
  }
}

/** Seconds from power-on to the board on the screen, and to packets being captured; second start, as every one after. */
async function bootSensor(): Promise<{ menu: number; capturing: number }> {
  const machine = await Machine.start({
    ...applianceDisk,
    answers: { 'sensor-type': 'standalone', 'fetch-et-open': 'no' },
    packetDiskBytes: 8 * 1024 ** 3,
    hardStopMs: 2 * STOP_MS,
  });
  try {
    await machine.waitForSerial(/Welcome to/, BOOT_MS);
    const welcomed = secondsSince(machine.startedMs);
    await machine.waitForSsh(BOOT_MS);
    await machine.waitForUnits(SENSOR_UNITS, 300);
    // The kernel's clock starts after firmware and boot loader: by as much as systemd's greeting came later than it says.
    const beforeKernel = welcomed - Number(await machine.run('systemctl show -P UserspaceTimestampMonotonic')) / 1e6;
    await (await machine.qmp()).execute('set-action', { reboot: 'reset' });
    await machine.run('systemctl reboot').catch(() => {});
    await machine.waitForSerial(/Welcome to[\s\S]*Welcome to/, BOOT_MS);
    await machine.waitForSsh(BOOT_MS);
    await machine.waitForUnits(SENSOR_UNITS, 300);
    const since = async (unit: string) =>
      Number(await machine.run(`systemctl show -P ActiveEnterTimestampMonotonic ${unit}`)) / 1e6;
    return {
      menu: beforeKernel + (await since('mss-console')),
      capturing: beforeKernel + (await since('mss-capture')),
    };
  } finally {
    await machine.stop();
  }
}

await main(async () => {
  await buildImage();
  await makeBareDebian();
  const bare = await step('bare Debian', bootBare);
  const sensor = await step('sensor', bootSensor);
  figure('boot-bare', bare, 's');
  figure('boot-menu', sensor.menu, 's');
  figure('boot-capturing', sensor.capturing, 's');
  figure('boot-menu-ratio', sensor.menu / bare, 'x');
  figure('boot-capturing-ratio', sensor.capturing / bare, 'x');
});
