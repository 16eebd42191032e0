// Plain Debian machines to install linux.zip on: 13 is the image's own base, as it is before it is provisioned; 12 is
// made here in the same way, once.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, step } from '../shell.ts';
import { makeBootable } from './base.ts';
import { appliancePackages, keepRoot } from './root.ts';

const folder = join(buildDir, 'bookworm');
/** Its Suricata 7 serves tests of the engine, too. */
export const bookwormRoot = join(folder, 'root');
export const bookwormDisk = join(folder, 'base.qcow2');
export const bookwormKey = join(folder, 'key');

/** Builds the bootable Debian 12 unless it is there already. Needs root and the network. */
export async function buildPlainDebian(): Promise<void> {
  const isNew = await keepRoot(bookwormRoot, 'bookworm', appliancePackages());
  if (!isNew && existsSync(bookwormDisk)) return;
  await step('bootable Debian 12', () => makeBootable(bookwormRoot, bookwormDisk, bookwormKey));
}
