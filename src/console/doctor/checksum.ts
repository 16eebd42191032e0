// Do wrong checksums, left to be filled in by a network card, drown the engine?
import { type Check, ok, warning } from './finding.ts';

const MOST_SHARE = 0.05;

export const checkChecksum: Check = ({ details }) => {
  const share = details.invalidChecksumShare;
  if (share === undefined) return [];
  if (share <= MOST_SHARE) return [ok('checksum', 'checksums are right')];
  return [
    warning(
      'checksum',
      `${Math.round(share * 100)} % of the packets have wrong checksums: offloading of the mirrored machines`,
      'mirror at the switch instead of on the host, or turn tx checksum offload off there (ethtool -K ... tx off)',
    ),
  ];
};
