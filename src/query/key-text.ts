// Packet keys in the words people use: addresses, ports, community id.
import { hash } from 'node:crypto';
import { formatAddress } from '../net/address.ts';
import { communityId } from '../net/community-id.ts';
import { hasPorts } from '../net/protocol-number.ts';
import type { Tuple } from '../net/tuple.ts';
import {
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  KEY_WORDS,
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
  if ((words[at + W_KIND] & HAS_PORTS) !== 0) return portedCommunityId(words, at);
  const tuple = keyTuple(words, at, side);
  return tuple === undefined || hasPorts(tuple.proto) ? undefined : communityId(tuple);
}

/** What net/community-id.ts says, straight from the key's bytes: a query by id goes past all flows of the store. */
function portedCommunityId(words: Uint32Array, at: number): string {
  const key = Buffer.from(words.buffer, words.byteOffset + at * 4, KEY_WORDS * 4);
  const length = (words[at + W_KIND] & HAS_IPV6) !== 0 ? 16 : 4;
  const [src, dst, srcPort, dstPort] = [W_SRC * 4 + 16 - length, W_DST * 4 + 16 - length, W_PORTS * 4, W_PORTS * 4 + 2];
  const order =
    key.compare(key, dst, dst + length, src, src + length) || key.compare(key, dstPort, dstPort + 2, srcPort, dstPort);
  const [a, b, aPort, bPort] = order <= 0 ? [src, dst, srcPort, dstPort] : [dst, src, dstPort, srcPort];
  const input = Buffer.alloc(2 * length + 8);
  key.copy(input, 2, a, a + length);
  key.copy(input, 2 + length, b, b + length);
  input[2 + 2 * length] = words[at + W_PROTO] >>> 24;
  key.copy(input, 4 + 2 * length, aPort, aPort + 2);
  key.copy(input, 6 + 2 * length, bPort, bPort + 2);
  return `1:${hash('sha1', input, 'base64')}`;
}

function keyAddress(words: Uint32Array, at: number, kind: number): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, 16);
  return formatAddress((kind & HAS_IPV6) !== 0 ? bytes : bytes.subarray(12));
}
