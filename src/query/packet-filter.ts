// A filter as a test on packet keys (pcap/packet-key.ts). Semantics are tcpdump's, except that addresses and ports are
// also found behind VLAN tags, and `vlan N` means any tag of the packet.
import { MssError } from '../errors.ts';
import { parseAddress } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';
import {
  HAS_ADDRESSES,
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  NO_VLAN,
  swap16,
  W_DST,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../pcap/packet-key.ts';
import type { Direction, Filter } from './filter.ts';
import { type KeySide, keyCommunityId } from './key-text.ts';

/**
 * Tests one packet, or one direction of a flow.
 * @param words key at `at` within it.
 * @param side which end is the source: 0 as written in the key, 1 the other way round.
 * @param lengthBytes the packet's length on the wire.
 */
export type KeyTest = (words: Uint32Array, at: number, side: KeySide, lengthBytes: number) => boolean;

export interface PacketFilter {
  /** whether this packet matches (side 0) */
  packet: KeyTest;
  /** whether a flow may have packets that match, in this direction; exact where the filter asks for nothing but keys */
  flow: KeyTest;
}

/** Makes the tests of a filter. Throws `query` for words that only events have. */
export function compilePacketFilter(filter: Filter): PacketFilter {
  return { packet: compile(filter, false, false), flow: compile(filter, false, true) };
}

const always: KeyTest = () => true;

/** Negation is pushed down to the leaves, so that a flow's "cannot tell" may stand for true everywhere. */
function compile(filter: Filter, negated: boolean, ofFlow: boolean): KeyTest {
  switch (filter.op) {
    case 'not':
      return compile(filter.term, !negated, ofFlow);
    case 'and':
    case 'or': {
      const tests = filter.terms.map((term) => compile(term, negated, ofFlow));
      return (filter.op === 'and') !== negated
        ? (words, at, side, length) => tests.every((test) => test(words, at, side, length))
        : (words, at, side, length) => tests.some((test) => test(words, at, side, length));
    }
    case 'length':
      if (ofFlow) return always;
      break;
    case 'community-id': // for ICMP it depends on the single packet's type
      if (ofFlow) {
        const exact = compileLeaf(filter);
        return (words, at, side, length) =>
          (words[at + W_KIND] & HAS_PORTS) === 0 || exact(words, at, side, length) !== negated;
      }
      break;
  }
  const test = compileLeaf(filter);
  return negated ? (words, at, side, length) => !test(words, at, side, length) : test;
}

function compileLeaf(filter: Filter): KeyTest {
  switch (filter.op) {
    case 'all':
      return always;
    case 'host':
      return addressTest(filter.dir, parseAddress(filter.address), undefined);
    case 'net': {
      const { network, prefixBits } = parseCidr(filter.cidr);
      return addressTest(filter.dir, network, prefixBits);
    }
    case 'port':
      return portTest(filter.dir, filter.from, filter.to);
    case 'proto':
      return protocolTest(filter.proto);
    case 'vlan':
      return vlanTest(filter.id);
    case 'length':
      return filter.cmp === '<='
        ? (_words, _at, _side, length) => length <= filter.bytes
        : (_words, _at, _side, length) => length >= filter.bytes;
    case 'community-id':
      return (words, at, side) => keyCommunityId(words, at, side) === filter.id;
    case 'sid':
    case 'severity':
    case 'category':
    case 'phase':
    case 'app':
    case 'text':
      throw new MssError(
        'query',
        `packets cannot be searched by ${filter.op === 'text' ? 'quoted text' : filter.op}: only events have it`,
      );
    default:
      throw new MssError('query', `${filter.op} is not a single word`);
  }
}

function addressTest(dir: Direction, address: Uint8Array, prefixBits: number | undefined): KeyTest {
  const wanted = addressWords(address);
  const family = address.length === 4 ? HAS_ADDRESSES & ~HAS_IPV6 : HAS_IPV6; // IPv4 is also in ARP
  const mask = maskWords(address.length === 4 ? 96 + (prefixBits ?? 32) : (prefixBits ?? 128));
  const isAt = (words: Uint32Array, at: number): boolean =>
    ((words[at + 3] ^ wanted[3]) & mask[3]) === 0 &&
    ((words[at + 2] ^ wanted[2]) & mask[2]) === 0 &&
    ((words[at + 1] ^ wanted[1]) & mask[1]) === 0 &&
    ((words[at] ^ wanted[0]) & mask[0]) === 0;
  return (words, at, side) => {
    if ((words[at + W_KIND] & family) === 0) return false;
    const src = at + (side === 0 ? W_SRC : W_DST);
    const dst = at + (side === 0 ? W_DST : W_SRC);
    return (dir !== 'dst' && isAt(words, src)) || (dir !== 'src' && isAt(words, dst));
  };
}

/** The four words of an address as they are in a key; IPv4 mapped. */
export function addressWords(address: Uint8Array): Uint32Array {
  const bytes = new Uint8Array(16);
  if (address.length === 4) bytes.fill(0xff, 10, 12);
  bytes.set(address, 16 - address.length);
  return new Uint32Array(bytes.buffer);
}

function maskWords(bits: number): Uint32Array {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
  return new Uint32Array(bytes.buffer);
}

function portTest(dir: Direction, from: number, to: number): KeyTest {
  return (words, at, side) => {
    if ((words[at + W_KIND] & HAS_PORTS) === 0) return false;
    const ports = words[at + W_PORTS];
    const src = swap16(side === 0 ? ports & 0xffff : ports >>> 16);
    const dst = swap16(side === 0 ? ports >>> 16 : ports & 0xffff);
    return (dir !== 'dst' && src >= from && src <= to) || (dir !== 'src' && dst >= from && dst <= to);
  };
}

const ETHERTYPES: Record<string, number> = { ip: 0x0800, ip6: 0x86dd, arp: 0x0806 };
const NUMBERS: Record<string, [number, number]> = {
  tcp: [6, HAS_IPV4 | HAS_IPV6],
  udp: [17, HAS_IPV4 | HAS_IPV6],
  sctp: [132, HAS_IPV4 | HAS_IPV6],
  icmp: [1, HAS_IPV4],
  icmp6: [58, HAS_IPV6],
};

function protocolTest(proto: string | number): KeyTest {
  const etherType = ETHERTYPES[proto];
  if (etherType !== undefined) return (words, at) => words[at + W_KIND] >>> 16 === etherType;
  const [number, families] = typeof proto === 'number' ? [proto, HAS_IPV4 | HAS_IPV6] : NUMBERS[proto];
  return (words, at) => (words[at + W_KIND] & families) !== 0 && words[at + W_PROTO] >>> 24 === number;
}

function vlanTest(id: number | undefined): KeyTest {
  if (id === undefined) return (words, at) => ((words[at + W_PROTO] >>> 12) & 0xfff) !== NO_VLAN;
  if (id === NO_VLAN) return () => false; // 4095 is reserved and marks "none" in a key
  return (words, at) => ((words[at + W_PROTO] >>> 12) & 0xfff) === id || (words[at + W_PROTO] & 0xfff) === id;
}
