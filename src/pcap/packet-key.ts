// What a packet is found again by: addresses, ports, protocol, VLANs, as sixteen 32-bit words read straight from a
// buffer. The same words are a flow's record in the index and what filters are tested on, so all three always agree.
// Works in the machine's byte order, which is little-endian on all machines Node runs on but one (s390x).

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
export const HAS_ADDRESSES = HAS_IPV4 | HAS_IPV6 | HAS_ARP;

export const NO_VLAN = 0xfff;
const NO_VLANS = 0xffffff;
const MAPPED_PREFIX = 0xffff0000; // bytes 00 00 ff ff, read as a little-endian word

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
/** More extension headers than any sane sender uses; a bound on the walk. */
const MOST_EXTENSION_HEADERS = 10;

/** Swaps the bytes of a 16-bit number: network order to host order and back. */
export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** Reads keys of packets that lie in one buffer. */
export class PacketKeyReader {
  /** the key of the packet read last */
  readonly words = new Uint32Array(KEY_WORDS);
  /** where that packet's transport header begins in the buffer, or 0 where it has none */
  transportAt = 0;
  /** where the IP packet ends: behind it may be padding of the link */
  transportEnd = 0;
  readonly #u8: Uint8Array;
  readonly #u16: Uint16Array;

  /** @param buffer must have an even length. */
  constructor(buffer: ArrayBufferLike) {
    this.#u8 = new Uint8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
  }

  /**
   * Reads the key of one packet into `words`. Whatever the bytes are, there is a key; nothing behind the packet is read.
   * @param at the packet's first byte, at an even offset in the buffer.
   * @param length how many bytes were captured.
   * @param linkType as in the capture file; link types that are not known give a key without addresses.
   */
  read(at: number, length: number, linkType: number): void {
    const end = at + length;
    this.transportAt = 0;
    if (linkType === 1) {
      if (length >= 14) this.#readEtherType(at + 12, end);
      else this.#setOther(0, NO_VLANS);
    } else this.#readOtherLink(at, end, linkType);
  }

  /** From an EtherType on, through VLAN tags (802.1Q, 802.1ad, and the old QinQ 0x9100). */
  #readEtherType(typeAt: number, end: number): void {
    let at = typeAt;
    let etherType = swap16(this.#u16[at >> 1]);
    let vlans = NO_VLANS;
    let tags = 0;
    while ((etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100) && at + 6 <= end) {
      const id = swap16(this.#u16[(at + 2) >> 1]) & 0xfff;
      if (tags === 0) vlans = (id << 12) | NO_VLAN;
      else if (tags === 1) vlans = (vlans & 0xfff000) | id;
      tags++;
      at += 4;
      etherType = swap16(this.#u16[at >> 1]);
    }
    this.#readNetwork(etherType, at + 2, end, vlans);
  }

  #readNetwork(etherType: number, at: number, end: number, vlans: number): void {
    if (etherType === ETHERTYPE_IPV4) this.#readIpv4(at, end, vlans);
    else if (etherType === ETHERTYPE_IPV6) this.#readIpv6(at, end, vlans);
    else if (etherType === ETHERTYPE_ARP) this.#readArp(at, end, vlans);
    else this.#setOther(etherType < 0x600 ? 0 : etherType, vlans); // below 0x600 it is a length (IEEE 802.3)
  }

  #readIpv4(at: number, end: number, vlans: number): void {
    const u8 = this.#u8;
    const headerBytes = (u8[at] & 15) << 2;
    if (at + 20 > end || u8[at] >> 4 !== 4 || headerBytes < 20) {
      this.#setOther(ETHERTYPE_IPV4, vlans);
      return;
    }
    const u16 = this.#u16;
    const half = at >> 1;
    const words = this.words;
    const proto = u8[at + 9];
    words[W_SRC] = words[W_SRC + 1] = words[W_DST] = words[W_DST + 1] = 0;
    words[W_SRC + 2] = words[W_DST + 2] = MAPPED_PREFIX;
    words[W_SRC + 3] = u16[half + 6] | (u16[half + 7] << 16);
    words[W_DST + 3] = u16[half + 8] | (u16[half + 9] << 16);
    words[W_PROTO] = (proto << 24) | vlans;
    const later = (u16[half + 3] & 0xff1f) !== 0; // fragment offset, without the flags
    // 0: the NIC cut up a larger packet, and left the length to itself
    const totalBytes = swap16(u16[half + 1]);
    const packetEnd = totalBytes === 0 ? end : Math.min(end, at + totalBytes);
    this.#readTransport(proto, at + headerBytes, packetEnd, (ETHERTYPE_IPV4 << 16) | HAS_IPV4, later);
  }

  #readIpv6(at: number, end: number, vlans: number): void {
    const u8 = this.#u8;
    if (at + 40 > end || u8[at] >> 4 !== 6) {
      this.#setOther(ETHERTYPE_IPV6, vlans);
      return;
    }
    const u16 = this.#u16;
    const words = this.words;
    const half = (at + 8) >> 1;
    for (let i = 0; i < 8; i++) words[W_SRC + i] = u16[half + 2 * i] | (u16[half + 2 * i + 1] << 16);
    let next = u8[at + 6];
    let header = at + 40;
    let later = false;
    for (let i = 0; i < MOST_EXTENSION_HEADERS && header + 8 <= end; i++) {
      let bytes: number;
      if (next === 0 || next === 43 || next === 60 || next === 135 || next === 139 || next === 140) {
        bytes = (u8[header + 1] + 1) << 3;
      } else if (next === 51)
        bytes = (u8[header + 1] + 2) << 2; // authentication header, RFC 4302
      else if (next === 44) {
        bytes = 8;
        later = (u16[(header + 2) >> 1] & 0xf8ff) !== 0;
      } else break;
      next = u8[header];
      header += bytes;
      if (later) break; // what follows is payload out of the middle
    }
    words[W_PROTO] = (next << 24) | vlans;
    const payloadBytes = swap16(u16[(at + 4) >> 1]);
    const packetEnd = payloadBytes === 0 ? end : Math.min(end, at + 40 + payloadBytes);
    this.#readTransport(next, header, packetEnd, (ETHERTYPE_IPV6 << 16) | HAS_IPV6, later);
  }

  #readTransport(proto: number, at: number, end: number, kind: number, later: boolean): void {
    const words = this.words;
    words[W_PORTS] = words[W_ICMP] = 0;
    this.transportAt = later ? 0 : at;
    this.transportEnd = end;
    if (later) {
      words[W_KIND] = kind | LATER_FRAGMENT;
    } else if ((proto === 6 || proto === 17 || proto === 132) && at + 4 <= end) {
      words[W_PORTS] = this.#u16[at >> 1] | (this.#u16[(at >> 1) + 1] << 16);
      words[W_KIND] = kind | HAS_PORTS;
    } else {
      if ((proto === 1 || proto === 58) && at + 2 <= end) words[W_ICMP] = this.#u16[at >> 1];
      words[W_KIND] = kind;
    }
  }

  /** ARP for IPv4 over any hardware with 6-byte addresses (RFC 826); the protocol number is 0. */
  #readArp(at: number, end: number, vlans: number): void {
    const u16 = this.#u16;
    const half = at >> 1;
    if (at + 28 > end || u16[half + 1] !== 0x0008 || u16[half + 2] !== 0x0406) {
      this.#setOther(ETHERTYPE_ARP, vlans);
      return;
    }
    const words = this.words;
    words[W_SRC] = words[W_SRC + 1] = words[W_DST] = words[W_DST + 1] = 0;
    words[W_SRC + 2] = words[W_DST + 2] = MAPPED_PREFIX;
    words[W_SRC + 3] = u16[half + 7] | (u16[half + 8] << 16);
    words[W_DST + 3] = u16[half + 12] | (u16[half + 13] << 16);
    words[W_PORTS] = words[W_ICMP] = 0;
    words[W_PROTO] = vlans;
    words[W_KIND] = (ETHERTYPE_ARP << 16) | HAS_ARP;
  }

  /** Link types other than Ethernet: numbers from https://www.tcpdump.org/linktypes.html. */
  #readOtherLink(at: number, end: number, linkType: number): void {
    const u8 = this.#u8;
    const length = end - at;
    switch (linkType) {
      case 12: // raw IP, by its values in BSD, OpenBSD, and files
      case 14:
      case 101:
      case 228:
      case 229:
        if (length >= 1) {
          this.#readByVersion(at, end);
          return;
        }
        break;
      case 0: // BSD loopback: an address family in the capturing machine's order
      case 108:
        if (length >= 5) {
          this.#readByVersion(at + 4, end);
          return;
        }
        break;
      case 9: // PPP, with or without address and control bytes
        if (length >= 5) {
          this.#readPpp(u8[at] === 0xff && u8[at + 1] === 3 ? at + 2 : at, end);
          return;
        }
        break;
      case 104: // Cisco HDLC
        if (length >= 4) {
          this.#readEtherType(at + 2, end);
          return;
        }
        break;
      case 113: // Linux cooked, versions 1 and 2
        if (length >= 16) {
          this.#readEtherType(at + 14, end);
          return;
        }
        break;
      case 276:
        if (length >= 20) {
          this.#readNetwork(swap16(this.#u16[at >> 1]), at + 20, end, NO_VLANS);
          return;
        }
        break;
    }
    this.#setOther(0, NO_VLANS);
  }

  #readPpp(at: number, end: number): void {
    const protocol = swap16(this.#u16[at >> 1]);
    if (protocol === 0x0021) this.#readIpv4(at + 2, end, NO_VLANS);
    else if (protocol === 0x0057) this.#readIpv6(at + 2, end, NO_VLANS);
    else this.#setOther(0, NO_VLANS);
  }

  #readByVersion(at: number, end: number): void {
    const version = this.#u8[at] >> 4;
    if (version === 4) this.#readIpv4(at, end, NO_VLANS);
    else if (version === 6) this.#readIpv6(at, end, NO_VLANS);
    else this.#setOther(0, NO_VLANS);
  }

  #setOther(etherType: number, vlans: number): void {
    const words = this.words;
    words.fill(0, W_ICMP);
    words[W_PROTO] = vlans;
    words[W_KIND] = etherType << 16;
  }
}
