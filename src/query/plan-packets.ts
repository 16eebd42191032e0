// From a filter to the cheapest way through the packet index: by flow, by host, or past all flow records.
// Whatever way is taken gives a superset; packet-filter.ts then decides.
import { parseAddress } from '../net/address.ts';
import { hasPorts, parseProtocol } from '../net/protocol-number.ts';
import type { Tuple } from '../net/tuple.ts';
import {
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  KEY_WORDS,
  swap16,
  W_DST,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../pcap/packet-key.ts';
import type { Direction, Filter } from './filter.ts';
import { addressWords } from './packet-filter.ts';

export type PacketAccess =
  /** every packet */
  | { by: 'all' }
  /** all flow records */
  | { by: 'scan' }
  /** flows of any of these addresses (four words each) */
  | { by: 'host'; addresses: Uint32Array[] }
  /** flows with any of these keys; VLANs are open */
  | { by: 'flow'; keys: Uint32Array[] };

/** Above this many alternatives one pass over all records is cheaper. */
const MOST_ALTERNATIVES = 64;

/** The cheapest access that misses no packet the filter could match. */
export function planPacketAccess(filter: Filter): PacketAccess {
  switch (filter.op) {
    case 'all':
      return { by: 'all' };
    case 'host':
      return { by: 'host', addresses: [addressWords(parseAddress(filter.address))] };
    case 'and': {
      const terms = flatten(filter.terms);
      const flow = planFlow(terms);
      if (flow !== undefined) return flow;
      return terms.map(planPacketAccess).reduce(cheaper);
    }
    case 'or':
      return filter.terms.map(planPacketAccess).reduce(union);
    default:
      return { by: 'scan' };
  }
}

/** A conversation as a filter: its packets in both directions. For protocols without ports those are not looked at. */
export function tupleFilter(tuple: Tuple): Filter {
  const oneWay = (src: string, srcPort: number, dst: string, dstPort: number): Filter => ({
    op: 'and',
    terms: [
      { op: 'proto', proto: tuple.proto },
      { op: 'host', dir: 'src', address: src },
      { op: 'host', dir: 'dst', address: dst },
      ...(hasPorts(tuple.proto)
        ? ([
            { op: 'port', dir: 'src', from: srcPort, to: srcPort },
            { op: 'port', dir: 'dst', from: dstPort, to: dstPort },
          ] as const)
        : []),
    ],
  });
  return {
    op: 'or',
    terms: [
      oneWay(tuple.src, tuple.srcPort, tuple.dst, tuple.dstPort),
      oneWay(tuple.dst, tuple.dstPort, tuple.src, tuple.srcPort),
    ],
  };
}

function flatten(terms: Filter[]): Filter[] {
  return terms.flatMap((term) => (term.op === 'and' ? flatten(term.terms) : [term]));
}

/** Two hosts, a protocol, and two ports where it has them: the flow is known, up to who has which port. */
function planFlow(terms: Filter[]): PacketAccess | undefined {
  const hosts: { dir: Direction; value: string }[] = [];
  const ports: { dir: Direction; value: number }[] = [];
  let proto: number | undefined;
  for (const term of terms) {
    if (term.op === 'host') hosts.push({ dir: term.dir, value: term.address });
    else if (term.op === 'port' && term.from === term.to) ports.push({ dir: term.dir, value: term.from });
    else if (term.op === 'proto') {
      if (term.proto === 'ip' || term.proto === 'ip6' || term.proto === 'arp') continue;
      proto = typeof term.proto === 'number' ? term.proto : parseProtocol(term.proto);
    }
  }
  if (proto === undefined || !nameBothEnds(hosts)) return undefined;
  const [a, b] = hosts.map((host) => parseAddress(host.value));
  if (a.length !== b.length) return undefined;
  if (!hasPorts(proto)) return { by: 'flow', keys: [flowKey(a, 0, b, 0, proto)] };
  if (!nameBothEnds(ports)) return undefined;
  const [first, second] = ports.map((port) => port.value);
  return { by: 'flow', keys: [flowKey(a, first, b, second, proto), flowKey(a, second, b, first, proto)] };
}

/** `host A and host A` says nothing about the other end; `src A and dst A` does. */
function nameBothEnds(ends: { dir: Direction; value: unknown }[]): boolean {
  if (ends.length !== 2) return false;
  const [a, b] = ends;
  return a.value !== b.value || (a.dir !== 'either' && b.dir !== 'either' && a.dir !== b.dir);
}

function flowKey(src: Uint8Array, srcPort: number, dst: Uint8Array, dstPort: number, proto: number): Uint32Array {
  const key = new Uint32Array(KEY_WORDS);
  key[W_KIND] =
    (src.length === 4 ? (0x0800 << 16) | HAS_IPV4 : (0x86dd << 16) | HAS_IPV6) | (hasPorts(proto) ? HAS_PORTS : 0);
  key[W_PROTO] = proto << 24;
  key[W_PORTS] = swap16(srcPort) | (swap16(dstPort) << 16);
  key.set(addressWords(src), W_SRC);
  key.set(addressWords(dst), W_DST);
  return key;
}

const COST = { flow: 0, host: 1, scan: 2, all: 3 } as const;

function cheaper(a: PacketAccess, b: PacketAccess): PacketAccess {
  if (COST[a.by] !== COST[b.by]) return COST[a.by] < COST[b.by] ? a : b;
  return a.by === 'host' && b.by === 'host' && b.addresses.length < a.addresses.length ? b : a;
}

function union(a: PacketAccess, b: PacketAccess): PacketAccess {
  if (a.by === 'all' || b.by === 'all') return { by: 'all' };
  let joined: PacketAccess = { by: 'scan' };
  if (a.by === 'flow' && b.by === 'flow') joined = { by: 'flow', keys: [...a.keys, ...b.keys] };
  else if (a.by === 'host' && b.by === 'host') joined = { by: 'host', addresses: [...a.addresses, ...b.addresses] };
  const count = joined.by === 'flow' ? joined.keys.length : joined.by === 'host' ? joined.addresses.length : 0;
  return count > MOST_ALTERNATIVES ? { by: 'scan' } : joined;
}
