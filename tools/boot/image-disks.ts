// The disks that can be booted, as the image build leaves them.
import { join } from 'node:path';
import { baseDisk, buildKey } from '../image/base.ts';
import { systemVmdk } from '../image/ova.ts';
import { rootDir } from '../image/root.ts';

const kernel = join(rootDir, 'vmlinuz');

/** The OVA's own disk. */
export const applianceDisk = { disk: systemVmdk, diskFormat: 'vmdk', kernel } as const;

/** Plain Debian with the same kernel and packages and nothing of ours: the measure for boot times, and a place to install. */
export const plainDisk = { disk: baseDisk, diskFormat: 'qcow2', kernel, key: buildKey } as const;
