// The mounts of the packet log, as units that control makes at each boot. Mounting itself is systemd's.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { MssError } from '../../errors.ts';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import { runChecked } from '../../os/process.ts';
import type { Machine } from '../jobs.ts';
import { mountUnitOf } from './render-mount.ts';

const MOUNT_MS = 120_000;

const fileOf = ({ at }: Machine, unit: string): string => `${at.root}/run/systemd/system/${unit}`;

/** The unit of a mount point; a test's root is no part of its name. */
const unitOf = ({ at }: Machine, where: string): string => mountUnitOf(where.slice(at.root.length));

/** Whether that mount is made already, and by the same unit. */
export function isMountedBy(machine: Machine, where: string, text: string): boolean {
  const file = fileOf(machine, unitOf(machine, where));
  return existsSync(file) && readFileSync(file, 'utf8') === text && machine.isMountPoint(where);
}

/** Mounts what the unit says. @throws MssError 'io' with systemd's words, or when nothing is mounted after all */
export async function startMount(machine: Machine, where: string, text: string): Promise<void> {
  const unit = unitOf(machine, where);
  const file = fileOf(machine, unit);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileAtomic(file, text, { mode: 0o644, durable: false });
    await runChecked(machine.run, 'systemctl', ['daemon-reload']);
  }
  mkdirSync(where, { recursive: true });
  await runChecked(machine.run, 'systemctl', ['start', unit], { timeoutMs: MOUNT_MS });
  if (!machine.isMountPoint(where)) throw new MssError('io', `${where} is no mount after all`);
}

/** Takes off what is mounted at these places, the innermost first. @param before units to stop along with them */
export async function stopMounts(machine: Machine, places: readonly string[], before: string[] = []): Promise<boolean> {
  const units = places.filter((where) => machine.isMountPoint(where)).map((where) => unitOf(machine, where));
  if (units.length === 0) return false;
  await runChecked(machine.run, 'systemctl', ['stop', ...before, ...units], { timeoutMs: MOUNT_MS });
  for (const unit of units) rmSync(fileOf(machine, unit), { force: true });
  return true;
}
