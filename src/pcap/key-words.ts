// The layout of a packet's key: sixteen 32-bit words. See packet-key.ts, which reads them out of packets.

/** Word numbers of a key. Words 0 to 3 belong to the index. */
export const KEY_WORDS = 16;
/** hash, first and second half */
export const W_HASH1 = 0;
export const W_HASH2 = 1;
/** in a packet's key: ICMP type in the low byte, code in the next; in a flow's record something else */
export const W_ICMP = 4;
/** flags in the low byte, EtherType in the high half */
export const W_KIND = 5;
/** protocol number in the top byte, then outer and inner VLAN id of 12 bits each (0xfff: no such tag) */
export const W_PROTO = 6;
/** source port in the low half, destination port in the high half, both as their bytes lie in the packet */
export const W_PORTS = 7;
/** four words each, the address's bytes as they lie in the packet; IPv4 (and ARP) as ::ffff:a.b.c.d */
export const W_SRC = 8;
export const W_DST = 12;

/** Flags of W_KIND. */
export const HAS_IPV4 = 1;
export const HAS_IPV6 = 2;
export const HAS_ARP = 4;
export const HAS_PORTS = 8;
/** a fragment that is not the first: its ports are elsewhere */
export const LATER_FRAGMENT = 16;
/** the packet lies in a tunnel, or an ICMP error quotes its beginning */
export const IN_TUNNEL = 32;
export const QUOTED = 64;
export const HAS_ADDRESSES = HAS_IPV4 | HAS_IPV6 | HAS_ARP;

/** what stands before an IPv4 address: bytes 00 00 ff ff, read as a little-endian word */
export const MAPPED_PREFIX = 0xffff0000;

export const NO_VLAN = 0xfff;

/** Swaps the bytes of a 16-bit number: network order to host order and back. */
export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}
