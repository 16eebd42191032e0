// A storage candidate as a systemd mount unit. Pure. See systemd.mount(5).
import type { StorageCandidate } from './plan-storage.ts';

/** The name that systemd demands for the unit of a mount point, see systemd-escape(1), --path. */
export const mountUnitOf = (where: string): string =>
  `${where.split('/').filter(Boolean).map(escapePart).join('-')}.mount`;

const escapePart = (part: string): string =>
  part.replaceAll(/[^A-Za-z0-9:_.]|^\./g, (char) =>
    [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );

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
  return mount === undefined ? undefined : renderUnit('', { ...mount, where });
}

/**
 * A folder of a share shown at another place: who may not pass the share's own folder reaches it there.
 * @param share the mount point that `what` lies on
 */
export const renderBindMount = (what: string, where: string, share: string): string =>
  renderUnit(`RequiresMountsFor=${share}\n`, { what, where, type: 'none', options: `bind,${SAFE}` });

function renderUnit(needs: string, mount: { what: string; where: string; type: string; options: string }): string {
  return `# Made by control at each boot from what storage it finds.
[Unit]
Description=Packet log
${needs}
[Mount]
What=${mount.what.replaceAll('%', '%%')}
Where=${mount.where}
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
