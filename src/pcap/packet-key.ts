// What a packet is found again by: addresses, ports, protocol, VLANs, as sixteen 32-bit words read straight from a
// buffer. The same words are a flow's record in the index and what filters are tested on, so all three always agree.
// Works in the machine's byte order, which is little-endian on all machines Node runs on but one (s390x).
// A packet in a tunnel, and one quoted in an ICMP error, has a key of its own beside the outer one.
import { ETHERTYPE_ARP, ETHERTYPE_ETAG, ETHERTYPE_IPV4, ETHERTYPE_IPV6, isVlanType } from '../net/ether-type.ts';
import {
  found,
  foundKind,
  foundPlace,
  INNER_ETHERNET,
  INNER_ETHERTYPE,
  INNER_IP,
  NOT_FOUND,
  skipLabels,
  skipPpp,
  skipServiceHeader,
} from './inner-packet.ts';
import {
  HAS_ADDRESSES,
  HAS_ARP,
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  IN_TUNNEL,
  KEY_WORDS,
  LATER_FRAGMENT,
  MAPPED_PREFIX,
  NO_VLAN,
  QUOTED,
  swap16,
  W_DST,
  W_ICMP,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from './key-words.ts';
import { skipLinkHeader } from './link-header.ts';
import { findInnerPacket, isIcmpError, isTunnelProtocol } from './tunnel-payload.ts';
import { isTunnelPort } from './udp-tunnel.ts';

const NO_VLANS = 0xffffff;
const ETHERNET = 1;
const COOKED_V2 = 276;

/** with its type */
const E_TAG_BYTES = 8;
/** More extension headers than any sane sender uses; a bound on the walk. */
const MOST_EXTENSION_HEADERS = 10;
/** Tunnels in tunnels are looked into so far. */
const DEEPEST_TUNNEL = 4;
const MOST_IP_BYTES = 65_536;
const COPY8 = new Uint8Array(MOST_IP_BYTES);
const COPY16 = new Uint16Array(COPY8.buffer);
/** Its own, one of what each tunnel carries, and one of what an ICMP error quotes. */
export const MOST_KEYS = DEEPEST_TUNNEL + 2;

/** Reads keys of packets that lie in one buffer. */
export class PacketKeyReader {
  /** the key of the packet read last */
  readonly words = new Uint32Array(KEY_WORDS);
  /** how many keys it has: further ones are those of packets inside it, in `inner` */
  count = 1;
  readonly inner: readonly Uint32Array[] = Array.from({ length: MOST_KEYS - 1 }, () => new Uint32Array(KEY_WORDS));
  /** the frame in the buffer, and its link type */
  frameAt = 0;
  frameEnd = 0;
  linkType = 0;
  /** where the network header begins in the buffer, or 0 where there is none */
  networkAt = 0;
  /** where that packet's transport header begins in the buffer, or 0 where it has none */
  transportAt = 0;
  /** where the IP packet ends: behind it may be padding of the link */
  transportEnd = 0;
  /** the same of the packet that `inner[0]` is the key of */
  innerTransportAt = 0;
  innerTransportEnd = 0;
  /** identification of the datagram that it is a fragment of, or -1 */
  fragmentId = -1;
  readonly bytes: Uint8Array;
  #u8: Uint8Array;
  #u16: Uint16Array;
  /** what to add to an offset in them to get the one in `bytes` */
  #shift = 0;
  /** the key that is being read, and how many tunnels it lies in */
  #into: Uint32Array = this.words;
  #depth = 0;
  #quoting = false;

  /** @param buffer must have an even length. */
  constructor(buffer: ArrayBufferLike) {
    this.#u8 = new Uint8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
    this.bytes = this.#u8;
  }

  /**
   * Reads the key of one packet into `words`. Whatever the bytes are, there is a key; nothing behind the packet is read.
   * @param at the packet's first byte, at an even offset in the buffer.
   * @param length how many bytes were captured.
   * @param linkType as in the capture file; link types that are not known give a key without addresses.
   */
  read(at: number, length: number, linkType: number): void {
    const end = at + length;
    this.frameAt = at;
    this.frameEnd = end;
    this.linkType = linkType;
    this.count = 1;
    this.transportAt = 0;
    this.networkAt = 0;
    this.fragmentId = -1;
    if (linkType === ETHERNET && length >= 14) this.#readEtherType(at + 12, end);
    // it has its EtherType before the rest of its header
    else if (linkType === COOKED_V2 && length >= 20) {
      this.#readNetwork(swap16(this.#u16[at >> 1]), at + 20, end, NO_VLANS);
    } else this.#readFound(skipLinkHeader(this.#u8, at, end, linkType), end, NO_VLANS, 0);
  }

  /** From an EtherType on, through VLAN tags (802.1Q, 802.1ad, the old QinQ 0x9100), and E-tags, which name no VLAN. */
  #readEtherType(typeAt: number, end: number): void {
    let at = typeAt;
    let etherType = swap16(this.#u16[at >> 1]);
    let vlans = NO_VLANS;
    let tags = 0;
    for (;;) {
      if (isVlanType(etherType) && at + 6 <= end) {
        const id = swap16(this.#u16[(at + 2) >> 1]) & 0xfff;
        if (tags === 0) vlans = (id << 12) | NO_VLAN;
        else if (tags === 1) vlans = (vlans & 0xfff000) | id;
        tags++;
        at += 4;
      } else if (etherType === ETHERTYPE_ETAG && at + E_TAG_BYTES + 2 <= end) at += E_TAG_BYTES;
      else break;
      etherType = swap16(this.#u16[at >> 1]);
    }
    this.#readNetwork(etherType, at + 2, end, vlans);
  }

  #readNetwork(etherType: number, at: number, end: number, vlans: number): void {
    if (this.#depth === 0) this.networkAt = at + this.#shift;
    if (etherType === ETHERTYPE_IPV4) this.#readIpv4(at, end, vlans);
    else if (etherType === ETHERTYPE_IPV6) this.#readIpv6(at, end, vlans);
    else if (etherType === ETHERTYPE_ARP) this.#readArp(at, end, vlans);
    else if (etherType === 0x8847 || etherType === 0x8848)
      this.#readFound(skipLabels(this.#u8, at, end), end, vlans, etherType);
    else if (etherType === 0x8864)
      this.#readFound(skipPpp(this.#u8, at + 6, end), end, vlans, etherType); // PPPoE, RFC 2516
    else if (etherType === 0x894f) this.#readFound(skipServiceHeader(this.#u8, at, end), end, vlans, etherType);
    else this.#setOther(etherType < 0x600 ? 0 : etherType, vlans); // below 0x600 it is a length (IEEE 802.3)
  }

  /** What lies behind labels and the like: as if they were VLAN tags. @param etherType counts where nothing does */
  #readFound(place: number, end: number, vlans: number, etherType: number): void {
    const at = foundPlace(place);
    const kind = foundKind(place);
    const leastBytes = kind === INNER_IP ? 1 : kind === INNER_ETHERTYPE ? 2 : 14;
    if (place === NOT_FOUND || at + leastBytes > end) this.#setOther(etherType, vlans);
    else if ((at & 1) !== 0) this.#readShifted(place, end, vlans, etherType);
    else if (kind === INNER_IP) this.#readByVersion(at, end, vlans);
    else this.#readEtherType(kind === INNER_ETHERNET ? at + 12 : at, end);
  }

  /** At an odd place, as behind a single byte of PPP: from a copy, since its 16-bit words have to lie on even ones. */
  #readShifted(place: number, end: number, vlans: number, etherType: number): void {
    const at = foundPlace(place);
    const [u8, u16, shift] = [this.#u8, this.#u16, this.#shift];
    const bytes = Math.min(end - at, MOST_IP_BYTES);
    COPY8.set(u8.subarray(at, at + bytes));
    this.#u8 = COPY8;
    this.#u16 = COPY16;
    this.#shift = shift + at;
    this.#readFound(found(0, foundKind(place)), bytes, vlans, etherType);
    this.#u8 = u8;
    this.#u16 = u16;
    this.#shift = shift;
  }

  #readIpv4(at: number, end: number, vlans: number): void {
    const u8 = this.#u8;
    const headerBytes = (u8[at] & 15) << 2;
    if (this.#depth === 0) this.networkAt = at + this.#shift;
    if (at + 20 > end || u8[at] >> 4 !== 4 || headerBytes < 20) {
      this.#setOther(ETHERTYPE_IPV4, vlans);
      return;
    }
    const u16 = this.#u16;
    const half = at >> 1;
    const words = this.#into;
    const proto = u8[at + 9];
    words[W_SRC] = words[W_SRC + 1] = words[W_DST] = words[W_DST + 1] = 0;
    words[W_SRC + 2] = words[W_DST + 2] = MAPPED_PREFIX;
    words[W_SRC + 3] = u16[half + 6] | (u16[half + 7] << 16);
    words[W_DST + 3] = u16[half + 8] | (u16[half + 9] << 16);
    words[W_PROTO] = (proto << 24) | vlans;
    const later = (u16[half + 3] & 0xff1f) !== 0; // fragment offset, without the flags
    // more fragments follow, or this is one
    if (this.#depth === 0 && (u16[half + 3] & 0xff3f) !== 0) this.fragmentId = u16[half + 2];
    // 0: the NIC cut up a larger packet, and left the length to itself
    const totalBytes = swap16(u16[half + 1]);
    const packetEnd = totalBytes === 0 ? end : Math.min(end, at + totalBytes);
    this.#readTransport(proto, at + headerBytes, packetEnd, (ETHERTYPE_IPV4 << 16) | HAS_IPV4, later);
  }

  #readIpv6(at: number, end: number, vlans: number): void {
    const u8 = this.#u8;
    if (this.#depth === 0) this.networkAt = at + this.#shift;
    if (at + 40 > end || u8[at] >> 4 !== 6) {
      this.#setOther(ETHERTYPE_IPV6, vlans);
      return;
    }
    const u16 = this.#u16;
    const words = this.#into;
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
        if (this.#depth === 0) this.fragmentId = (u16[(header + 4) >> 1] | (u16[(header + 6) >> 1] << 16)) >>> 0;
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
    const words = this.#into;
    words[W_PORTS] = words[W_ICMP] = 0;
    if (this.#depth === 0) {
      this.transportAt = later ? 0 : at + this.#shift;
      this.transportEnd = end + this.#shift;
    } else if (!this.#quoting) {
      this.innerTransportAt = later ? 0 : at + this.#shift;
      this.innerTransportEnd = end + this.#shift;
    }
    if (later) {
      words[W_KIND] = kind | LATER_FRAGMENT;
    } else if ((proto === 6 || proto === 17 || proto === 132) && at + 4 <= end) {
      const srcPort = this.#u16[at >> 1];
      const dstPort = this.#u16[(at >> 1) + 1];
      words[W_PORTS] = srcPort | (dstPort << 16);
      words[W_KIND] = kind | HAS_PORTS;
      if (proto === 17 && isTunnelPort(srcPort, dstPort)) this.#readTunnel(proto, at, end);
    } else {
      words[W_KIND] = kind;
      if ((proto === 1 || proto === 58) && at + 2 <= end) {
        words[W_ICMP] = this.#u16[at >> 1];
        if (isIcmpError(proto, this.#u8[at]) && at + 28 <= end) this.#readQuote(at + 8, end);
      } else if (isTunnelProtocol(proto)) this.#readTunnel(proto, at, end);
    }
  }

  /** The innermost packet has the first of the inner keys, those between it and the outer one the others. */
  #readTunnel(proto: number, at: number, end: number): void {
    if (this.#quoting || this.#depth >= DEEPEST_TUNNEL) return;
    const place = findInnerPacket(this.#u8, proto, at, end);
    const leastBytes = foundKind(place) === INNER_ETHERNET ? 14 : 20;
    if (place === NOT_FOUND || foundPlace(place) + leastBytes > end) return;
    const { innerTransportAt, innerTransportEnd } = this;
    const before = this.#into;
    const into = this.inner[0];
    const kept = this.inner[this.count - 1];
    const nested = before === into;
    if (nested) kept.set(into);
    this.#into = into;
    this.#depth++;
    this.count++;
    this.#readFound(place, end, NO_VLANS, 0);
    this.#depth--;
    this.#into = before;
    if ((into[W_KIND] & HAS_ADDRESSES) !== 0) {
      into[W_KIND] |= IN_TUNNEL;
      if (nested) kept[W_KIND] |= IN_TUNNEL;
      return;
    }
    this.count--;
    if (!nested) return;
    into.set(kept);
    this.innerTransportAt = innerTransportAt;
    this.innerTransportEnd = innerTransportEnd;
  }

  #readQuote(at: number, end: number): void {
    if (this.#quoting) return;
    const [before, depth] = [this.#into, this.#depth];
    const into = this.inner[this.count - 1];
    this.#into = into;
    this.#depth = 1;
    this.#quoting = true;
    this.count++;
    this.#readByVersion(at, end, NO_VLANS);
    this.#quoting = false;
    this.#depth = depth;
    this.#into = before;
    if ((into[W_KIND] & HAS_ADDRESSES) === 0) this.count--;
    else into[W_KIND] |= QUOTED;
  }

  /** ARP for IPv4 over any hardware with 6-byte addresses (RFC 826); the protocol number is 0. */
  #readArp(at: number, end: number, vlans: number): void {
    const u16 = this.#u16;
    const half = at >> 1;
    if (at + 28 > end || u16[half + 1] !== 0x0008 || u16[half + 2] !== 0x0406) {
      this.#setOther(ETHERTYPE_ARP, vlans);
      return;
    }
    const words = this.#into;
    words[W_SRC] = words[W_SRC + 1] = words[W_DST] = words[W_DST + 1] = 0;
    words[W_SRC + 2] = words[W_DST + 2] = MAPPED_PREFIX;
    words[W_SRC + 3] = u16[half + 7] | (u16[half + 8] << 16);
    words[W_DST + 3] = u16[half + 12] | (u16[half + 13] << 16);
    words[W_PORTS] = words[W_ICMP] = 0;
    words[W_PROTO] = vlans;
    words[W_KIND] = (ETHERTYPE_ARP << 16) | HAS_ARP;
  }

  #readByVersion(at: number, end: number, vlans: number): void {
    const version = this.#u8[at] >> 4;
    if (version === 4) this.#readIpv4(at, end, vlans);
    else if (version === 6) this.#readIpv6(at, end, vlans);
    else this.#setOther(0, vlans);
  }

  #setOther(etherType: number, vlans: number): void {
    const words = this.#into;
    words.fill(0, W_ICMP);
    words[W_PROTO] = vlans;
    words[W_KIND] = etherType << 16;
  }
}
