// Is there a place for packets and room on the system disk?
import { formatBytes } from '../format.ts';
import { type Check, type Finding, failed, ok, warning } from './finding.ts';

const LEAST_FREE_SHARE = 0.05;
/** Holds minutes of a busy link only. */
const SMALL_BYTES = 10e9;

export const checkDisk: Check = ({ snapshot, details, configured }) => {
  const findings: Finding[] = [];
  const { storage, systemDisk } = snapshot;
  if (storage === undefined) {
    if (configured) {
      findings.push(
        failed('storage', 'no place for packets was found', '"mss start" looks again; "mss status" says why'),
      );
    }
  } else if (!storage.mounted) {
    findings.push(
      failed('storage', `${storage.label} is gone; packets are not stored`, 'bring it back, then "mss restart"'),
    );
  } else if (storage.totalBytes < SMALL_BYTES) {
    findings.push(
      warning(
        'storage',
        `packets have ${formatBytes(storage.totalBytes)} on ${storage.label} only`,
        'add a disk or a shared folder, then take item 1 of "mss menu"',
      ),
    );
  } else {
    const keys = details.encryptedFor.length === 0 ? '' : `, encrypted for key ${details.encryptedFor.join(', ')}`;
    findings.push(ok('storage', `packets go to ${storage.label}${keys}`));
  }
  for (const text of storage?.passedOver ?? []) {
    findings.push(warning('storage', text, 'mend it, then take item 1 of "mss menu"'));
  }
  if (systemDisk.freeBytes < systemDisk.totalBytes * LEAST_FREE_SHARE) {
    findings.push(
      failed(
        'disk',
        `the system disk has ${formatBytes(systemDisk.freeBytes)} left`,
        'lower archive.bytes ("mss config set archive.bytes ..."), or enlarge the disk',
      ),
    );
  } else {
    findings.push(ok('disk', `the system disk has ${formatBytes(systemDisk.freeBytes)} left`));
  }
  return findings;
};
