// Are a packet's checksums what its bytes make? Of IPv4's header (RFC 791), TCP (RFC 9293) and UDP (RFC 768).
import { checksum } from '../net/checksum.ts';
import { HAS_IPV4, HAS_IPV6, W_KIND, W_PROTO } from './key-words.ts';
import type { PacketKeyReader } from './packet-key.ts';

const TCP = 6;
const UDP = 17;
const IPV6_HEADER_BYTES = 40;

/**
 * Checks the packet that was read last; what a tunnel carries is not looked at.
 * @returns undefined where nothing can be said: cut by the snap length, a fragment, IPv6 with extension headers,
 * neither TCP nor UDP, or UDP without a checksum. A wrong header of IPv4 is wrong in any case.
 */
export function hasRightChecksums(keys: PacketKeyReader): boolean | undefined {
  const { bytes, networkAt, transportAt, transportEnd, fragmentId, words } = keys;
  const v4 = (words[W_KIND] & HAS_IPV4) !== 0;
  if (!v4 && (words[W_KIND] & HAS_IPV6) === 0) return undefined;
  if (v4) {
    const headerEnd = networkAt + ((bytes[networkAt] & 15) << 2);
    if (headerEnd > keys.frameEnd) return undefined;
    if (checksum(bytes.subarray(networkAt, headerEnd)) !== 0) return false;
  }
  const proto = words[W_PROTO] >>> 24;
  const lengthBytes = transportEnd - transportAt;
  if (transportAt === 0 || fragmentId !== -1 || (proto !== TCP && proto !== UDP)) return undefined;
  if (lengthBytes < (proto === TCP ? 20 : 8)) return undefined;
  // a length of 0 stands for one that the header has no room for, or that a card fills in
  const saidBytes = word16(bytes, networkAt + (v4 ? 2 : 4));
  const wholeBytes = v4 ? saidBytes : IPV6_HEADER_BYTES + saidBytes;
  if (saidBytes === 0 || networkAt + wholeBytes !== transportEnd) return undefined;
  if (!v4 && transportAt !== networkAt + IPV6_HEADER_BYTES) return undefined;
  if (proto === UDP && (word16(bytes, transportAt + 6) === 0 || word16(bytes, transportAt + 4) !== lengthBytes)) {
    return undefined;
  }
  const addresses = v4 ? bytes.subarray(networkAt + 12, networkAt + 20) : bytes.subarray(networkAt + 8, networkAt + 40);
  const rest = Uint8Array.of(0, proto, lengthBytes >>> 8, lengthBytes & 0xff);
  return checksum(addresses, rest, bytes.subarray(transportAt, transportEnd)) === 0;
}

const word16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];
