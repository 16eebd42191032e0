// A filter as a test on packets and on the index's records of flows. Semantics are tcpdump's, except that addresses and
// ports are also found behind VLAN tags, MPLS labels and PPPoE, and `vlan N` means any tag of the packet. What a tunnel
// carries is asked for with `inner`; `--flow` and community ids look there as well.
import { MssError } from '../errors.ts';
import { parseAddress } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';
import {
  HAS_ADDRESSES,
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  IN_TUNNEL,
  LATER_FRAGMENT,
  NO_VLAN,
  QUOTED,
  swap16,
  W_DST,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../pcap/key-words.ts';
import type { PacketKeyReader } from '../pcap/packet-key.ts';
import { isTunnelProtocol } from '../pcap/tunnel-payload.ts';
import { isTunnelPort } from '../pcap/udp-tunnel.ts';
import { compileComparison, type Verdict } from './arithmetic.ts';
import type { Direction, Filter } from './filter.ts';
import { FlowFragments } from './flow-fragments.ts';
import { addressWords, flowKey, type LeafTest, sameFlow, samePair } from './flow-key.ts';
import { keyCommunityId } from './key-text.ts';
import { needsInner } from './plan-packets.ts';

/**
 * Tests one packet.
 * @param keys that have just been read from it.
 * @param lengthBytes the packet's length on the wire.
 * @param timeNs nanoseconds since 1970, as near as a number comes.
 */
export type PacketTest = (keys: PacketKeyReader, lengthBytes: number, timeNs: number) => boolean;

/** Tests a flow's record at `at`. */
export type RecordTest = (words: Uint32Array, at: number) => boolean;

export interface PacketFilter {
  packet: PacketTest;
  /** whether a flow may have packets that match; exact where the filter asks for nothing but keys */
  record: RecordTest;
}

/**
 * Makes the tests of a filter.
 * @param fragments first fragments of the flow that is asked for, so that later ones are known.
 * @throws MssError `query` for words that only events have.
 */
export function compilePacketFilter(filter: Filter, fragments = new FlowFragments()): PacketFilter {
  const verdict: Verdict = { rejected: false };
  const test = compilePacket(filter, fragments, verdict);
  const packet: PacketTest = (keys, lengthBytes, timeNs) => {
    verdict.rejected = false;
    return test(keys, lengthBytes, timeNs) && !verdict.rejected;
  };
  return { packet: uses(filter, ['compare']) ? packet : test, record: compileRecord(filter) };
}

function compilePacket(filter: Filter, fragments: FlowFragments, verdict: Verdict): PacketTest {
  switch (filter.op) {
    case 'not': {
      const test = compilePacket(filter.term, fragments, verdict);
      return (keys, lengthBytes, timeNs) => !test(keys, lengthBytes, timeNs);
    }
    case 'and':
    case 'or': {
      const tests = filter.terms.map((term) => compilePacket(term, fragments, verdict));
      const decisive = filter.op === 'or';
      return (keys, lengthBytes, timeNs) => {
        for (const test of tests) if (test(keys, lengthBytes, timeNs) === decisive) return decisive;
        return !decisive;
      };
    }
    case 'length': {
      const { bytes } = filter;
      return filter.cmp === '<='
        ? (_keys, lengthBytes) => lengthBytes <= bytes
        : (_keys, lengthBytes) => lengthBytes >= bytes;
    }
    case 'compare':
      return compileComparison(filter.left, filter.relation, filter.right, verdict);
    case 'inner': {
      const test = compileInner(filter.term);
      return (keys) => anyInside(keys, test);
    }
    case 'community-id': {
      const test = compileLeaf(filter);
      return (keys) => test(keys.words, 0, 0) || anyInside(keys, test);
    }
    case 'flow': {
      const wanted = flowKey(filter.tuple);
      return (keys, _lengthBytes, timeNs) => {
        for (let i = 0; i < keys.count; i++) {
          if (sameFlow(i === 0 ? keys.words : keys.inner[i - 1], 0, wanted)) return true;
        }
        const later = (keys.words[W_KIND] & LATER_FRAGMENT) !== 0;
        return later && samePair(keys.words, 0, wanted) && fragments.has(keys, timeNs);
      };
    }
  }
  const test = compileLeaf(filter);
  return (keys) => test(keys.words, 0, 0);
}

/** Whether a packet that lies in a tunnel of this one passes. */
function anyInside({ count, inner }: PacketKeyReader, test: LeafTest): boolean {
  for (let i = 0; i < count - 1; i++) if ((inner[i][W_KIND] & IN_TUNNEL) !== 0 && test(inner[i], 0, 0)) return true;
  return false;
}

/** What stands behind `inner`: only what a key tells. */
function compileInner(filter: Filter): LeafTest {
  switch (filter.op) {
    case 'not': {
      const test = compileInner(filter.term);
      return (words, at, side) => !test(words, at, side);
    }
    case 'and':
    case 'or': {
      const tests = filter.terms.map(compileInner);
      return filter.op === 'and'
        ? (words, at, side) => tests.every((test) => test(words, at, side))
        : (words, at, side) => tests.some((test) => test(words, at, side));
    }
    case 'length':
    case 'compare':
    case 'inner':
    case 'flow':
      throw new MssError('query', 'behind inner stand host, net, port, vlan and names of protocols');
  }
  return compileLeaf(filter);
}

/** A record is of the packet itself, of one that a tunnel carries, or of one that an ICMP error quotes. */
function compileRecord(filter: Filter): RecordTest {
  const outer = compileRecordOf(filter, false, false);
  const inner = compileRecordOf(filter, false, true);
  const looksInside = uses(filter, ['inner', 'community-id', 'flow']);
  const looksAtQuotes = uses(filter, ['flow']);
  const onlyInside = needsInner(filter);
  return (words, at) => {
    const kind = words[at + W_KIND];
    if ((kind & QUOTED) !== 0 && !looksAtQuotes) return false;
    const inside = (kind & (IN_TUNNEL | QUOTED)) !== 0;
    if (inside ? !looksInside : onlyInside) return false;
    const test = inside ? inner : outer;
    return test(words, at, 0) || test(words, at, 1);
  };
}

const unknown: LeafTest = () => true;

/** Negation is pushed down to the leaves, so that what a record cannot tell may stand for true everywhere. */
function compileRecordOf(filter: Filter, negated: boolean, inside: boolean): LeafTest {
  switch (filter.op) {
    case 'not':
      return compileRecordOf(filter.term, !negated, inside);
    case 'and':
    case 'or': {
      const tests = filter.terms.map((term) => compileRecordOf(term, negated, inside));
      const decisive = (filter.op === 'or') !== negated;
      return (words, at, side) => {
        for (const test of tests) if (test(words, at, side) === decisive) return decisive;
        return !decisive;
      };
    }
    case 'length':
    case 'compare':
      return unknown;
    case 'flow': {
      if (negated) return unknown;
      const wanted = flowKey(filter.tuple);
      return (words, at) =>
        sameFlow(words, at, wanted) ||
        (!inside && mayHoldOther(words, at)) ||
        ((words[at + W_KIND] & LATER_FRAGMENT) !== 0 && samePair(words, at, wanted));
    }
    case 'inner':
      // what is not in a tunnel has nothing inside, and what is has a record of that as well
      return !inside || negated ? unknown : compileInner(filter.term);
    case 'community-id': {
      if (negated) return unknown;
      const exact = compileLeaf(filter);
      // for ICMP it depends on the single packet's type
      return (words, at, side) =>
        (words[at + W_KIND] & HAS_PORTS) === 0 || (!inside && mayHoldOther(words, at)) || exact(words, at, side);
    }
  }
  if (inside) return unknown;
  const test = compileLeaf(filter);
  return negated ? (words, at, side) => !test(words, at, side) : test;
}

/** Whether packets of this record may have others in them: those of tunnels, and ICMP errors. */
function mayHoldOther(words: Uint32Array, at: number): boolean {
  const proto = words[at + W_PROTO] >>> 24;
  if (proto !== 17) return isTunnelProtocol(proto) || proto === 1 || proto === 58;
  const [src, dst] = [words[at + W_PORTS] & 0xffff, words[at + W_PORTS] >>> 16];
  return isTunnelPort(src, dst) || isTunnelPort(dst, src);
}

function uses(filter: Filter, ops: readonly Filter['op'][]): boolean {
  if (ops.includes(filter.op)) return true;
  if (filter.op === 'and' || filter.op === 'or') return filter.terms.some((term) => uses(term, ops));
  return filter.op === 'not' && uses(filter.term, ops);
}

function compileLeaf(filter: Filter): LeafTest {
  switch (filter.op) {
    case 'all':
      return unknown;
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
    case 'community-id':
      return (words, at, side) => keyCommunityId(words, at, side) === filter.id;
    case 'sid':
    case 'severity':
    case 'category':
    case 'phase':
    case 'app':
    case 'field':
    case 'text':
      throw new MssError(
        'query',
        `packets cannot be searched by ${filter.op === 'text' ? 'quoted text' : filter.op}: only events have it`,
      );
    default:
      throw new MssError('query', `${filter.op} is not a single word`);
  }
}

function addressTest(dir: Direction, address: Uint8Array, prefixBits: number | undefined): LeafTest {
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

function maskWords(bits: number): Uint32Array {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
  return new Uint32Array(bytes.buffer);
}

function portTest(dir: Direction, from: number, to: number): LeafTest {
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

function protocolTest(proto: string | number): LeafTest {
  const etherType = ETHERTYPES[proto];
  if (etherType !== undefined) return (words, at) => words[at + W_KIND] >>> 16 === etherType;
  const [number, families] = typeof proto === 'number' ? [proto, HAS_IPV4 | HAS_IPV6] : NUMBERS[proto];
  return (words, at) => (words[at + W_KIND] & families) !== 0 && words[at + W_PROTO] >>> 24 === number;
}

function vlanTest(id: number | undefined): LeafTest {
  if (id === undefined) return (words, at) => ((words[at + W_PROTO] >>> 12) & 0xfff) !== NO_VLAN;
  if (id === NO_VLAN) return () => false; // 4095 is reserved and marks "none" in a key
  return (words, at) => ((words[at + W_PROTO] >>> 12) & 0xfff) === id || (words[at + W_PROTO] & 0xfff) === id;
}
