// Packet keys in the words people use: addresses, ports, community id.
import { formatAddress } from '../net/address.ts';
import { communityId } from '../net/community-id.ts';
import { hasPorts } from '../net/protocol-number.ts';
import type { Tuple } from '../net/tuple.ts';
import {
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  swap16,
  W_DST,
  W_ICMP,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../pcap/key-words.ts';

/** 0: source and destination as in the key; 1: the other way round. */
export type KeySide = 0 | 1;

/**
 * The conversation of a key; undefined where it is not IP.
 * For ICMP the ports are type and code, which only a packet's own key knows.
 */
export function keyTuple(words: Uint32Array, at: number, side: KeySide): Tuple | undefined {
  const kind = words[at + W_KIND];
  if ((kind & (HAS_IPV4 | HAS_IPV6)) === 0) return undefined;
  const withPorts = (kind & HAS_PORTS) !== 0;
  const first = withPorts ? swap16(words[at + W_PORTS] & 0xffff) : words[at + W_ICMP] & 0xff;
  const second = withPorts ? swap16(words[at + W_PORTS] >>> 16) : (words[at + W_ICMP] >>> 8) & 0xff;
  const swapped = side === 1 && withPorts;
  return {
    src: keyAddress(words, at + (side === 0 ? W_SRC : W_DST), kind),
    dst: keyAddress(words, at + (side === 0 ? W_DST : W_SRC), kind),
    srcPort: swapped ? second : first,
    dstPort: swapped ? first : second,
    proto: words[at + W_PROTO] >>> 24,
  };
}

/** The community id of a packet's key; undefined where it has none (not IP, or a later fragment without its ports). */
export function keyCommunityId(words: Uint32Array, at: number, side: KeySide): string | undefined {
  const tuple = keyTuple(words, at, side);
  if (tuple === undefined || (hasPorts(tuple.proto) && (words[at + W_KIND] & HAS_PORTS) === 0)) return undefined;
  return communityId(tuple);
}

function keyAddress(words: Uint32Array, at: number, kind: number): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, 16);
  return formatAddress((kind & HAS_IPV6) !== 0 ? bytes : bytes.subarray(12));
}
