// The disks that can be booted, as the image build leaves them.
import { join } from 'node:path';
import { baseDisk, buildKey } from '../image/base.ts';
import { systemVmdk } from '../image/ova.ts';
import { bookwormDisk, bookwormKey } from '../image/plain-debian.ts';
import { rootDir } from '../image/root.ts';

const kernel = join(rootDir, 'vmlinuz');

/** The OVA's own disk. */
export const applianceDisk = { disk: systemVmdk, diskFormat: 'vmdk', kernel } as const;

/** Plain Debian 13: the image's packages and nothing of ours, a place to install. */
export const plainDebian13 = { disk: baseDisk, diskFormat: 'qcow2', kernel, key: buildKey } as const;

/** The same of Debian 12. */
export const plainDebian12 = { disk: bookwormDisk, diskFormat: 'qcow2', kernel, key: bookwormKey } as const;
