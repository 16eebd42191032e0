// A storage candidate as a systemd mount unit. Pure. See systemd.mount(5).
import type { StorageCandidate } from './plan-storage.ts';

/** systemd derives this name from the mount point /nsm/packets. */
export const MOUNT_UNIT = 'nsm-packets.mount';

/** Nothing on a packet disk is ever run. */
const SAFE = 'nodev,nosuid,noexec';

export interface Owner {
  userId: number;
  groupId: number;
}

/**
 * @param where the mount point
 * @param owner whose files a VMware share shows, since such a share knows no owners
 * @returns undefined for the system disk, which is mounted already
 */
export function renderMount(candidate: StorageCandidate, where: string, owner: Owner): string | undefined {
  const mount = describeMount(candidate, owner);
  if (mount === undefined) return undefined;
  return `# Made by control at each boot from what storage it finds.
[Unit]
Description=Packet log

[Mount]
What=${mount.what.replaceAll('%', '%%')}
Where=${where}
Type=${mount.type}
Options=${mount.options}
TimeoutSec=90
`;
}

function describeMount(candidate: StorageCandidate, owner: Owner) {
  switch (candidate.kind) {
    case 'vmhgfs':
      return {
        what: `.host:/${candidate.share}`,
        type: 'fuse.vmhgfs-fuse',
        options: `allow_other,uid=${owner.userId},gid=${owner.groupId},umask=0027,${SAFE}`,
      };
    case 'virtiofs':
      return { what: candidate.tag, type: 'virtiofs', options: SAFE };
    case '9p':
      return { what: candidate.tag, type: '9p', options: `trans=virtio,version=9p2000.L,msize=262144,${SAFE}` };
    case 'disk':
      return { what: candidate.device, type: 'ext4', options: `noatime,${SAFE}` };
    case 'system':
      return undefined;
  }
}

/** What a person calls it. */
export function labelOf(candidate: StorageCandidate): string {
  switch (candidate.kind) {
    case 'vmhgfs':
      return `VMware shared folder "${candidate.share}"`;
    case 'virtiofs':
    case '9p':
      return `shared folder "${candidate.tag}" (${candidate.kind})`;
    case 'disk':
      return `${candidate.device} (${Math.round(candidate.sizeBytes / 1e9)} GB)`;
    case 'system':
      return 'system disk';
  }
}
