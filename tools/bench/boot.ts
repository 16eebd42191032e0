// npm run bench:boot: power-on to the board and to capturing, against a bare Debian of the same kernel and initrd that
// the same emulator boots in the same run, in turn. Bare: init, udev, dbus, networkd and a login prompt, nothing else.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MssError } from '../../src/errors.ts';
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

const RUNS = 3;
const HELP = `usage: npm run bench:boot -- [--runs N]     N starts of each (${RUNS})\n`;

/** Undefined: help was asked for. */
function parseRuns(): number | undefined {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: `${RUNS}` }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new MssError('usage', `--runs ${values.runs}: a number from 1 on`);
  return runs;
}

/** The least and the middle of a series; of an even number the lower middle. */
function summarize(seconds: readonly number[]): { min: number; median: number } {
  const sorted = [...seconds].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[(sorted.length - 1) >> 1] };
}

await main(async () => {
  const runs = parseRuns();
  if (runs === undefined) {
    process.stdout.write(HELP);
    return;
  }
  await buildImage();
  await makeBareDebian();
  const seconds: Record<'bare' | 'menu' | 'capturing', number[]> = { bare: [], menu: [], capturing: [] };
  // In turn: what else keeps this machine busy falls on both.
  for (let round = 1; round <= runs; round++) {
    seconds.bare.push(await step(`bare Debian, ${round} of ${runs}`, bootBare));
    const { menu, capturing } = await step(`sensor, ${round} of ${runs}`, bootSensor);
    seconds.menu.push(menu);
    seconds.capturing.push(capturing);
  }
  process.stdout.write(`\n${'power-on to'.padEnd(12)}${'min'.padStart(10)}${'median'.padStart(10)}\n`);
  const bare = summarize(seconds.bare);
  for (const [name, times] of Object.entries(seconds)) {
    const columns = Object.values(summarize(times)).map((value) => `${value.toFixed(1)} s`.padStart(10));
    process.stdout.write(`${name.padEnd(12)}${columns.join('')}\n`);
  }
  figure('boot-bare', bare.median, 's');
  for (const name of ['menu', 'capturing'] as const) {
    const { min, median } = summarize(seconds[name]);
    figure(`boot-${name}`, median, 's');
    figure(`boot-${name}-ratio`, median / bare.median, 'x');
    figure(`boot-${name}-ratio-min`, min / bare.min, 'x');
  }
});
