// From a filter to the cheapest way through the packet index: by flow, by host, or past all flow records.
// Whatever way is taken gives a superset; packet-filter.ts then decides.
import { parseAddress } from '../net/address.ts';
import { hasPorts, parseProtocol } from '../net/protocol-number.ts';
import type { Tuple } from '../net/tuple.ts';
import type { Direction, Filter } from './filter.ts';
import { addressWords, flowKey, laterFragmentKey } from './flow-key.ts';

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

/**
 * The cheapest access that misses no packet the filter could match.
 * @param fragmented false where it is known that a flow asked for has no later fragments.
 */
export function planPacketAccess(filter: Filter, fragmented = true): PacketAccess {
  switch (filter.op) {
    case 'all':
      return { by: 'all' };
    case 'flow': {
      const key = flowKey(filter.tuple);
      // a later fragment's ports are elsewhere: which are of this flow, the packets tell
      return { by: 'flow', keys: fragmented && hasPorts(filter.tuple.proto) ? [key, laterFragmentKey(key)] : [key] };
    }
    case 'inner':
      return planPacketAccess(filter.term, fragmented);
    case 'host':
      return { by: 'host', addresses: [addressWords(parseAddress(filter.address))] };
    case 'and': {
      const all = flatten(filter.terms);
      // a tunnel's packet has two records, and only the inner one tells whether such a word fits
      const inside = all.filter(needsInner);
      const terms = inside.length > 0 ? inside : all;
      const flow = planFlow(terms);
      if (flow !== undefined) return flow;
      return terms.map((term) => planPacketAccess(term, fragmented)).reduce(cheaper);
    }
    case 'or':
      return filter.terms.map((term) => planPacketAccess(term)).reduce(union);
    default:
      return { by: 'scan' };
  }
}

/** A conversation as a filter: its packets in both directions. For protocols without ports those are not looked at. */
export function tupleFilter(tuple: Tuple): Filter {
  return { op: 'flow', tuple };
}

/** The one flow that a filter asks for, if there is one. */
export function flowOf(filter: Filter): Tuple | undefined {
  if (filter.op === 'flow') return filter.tuple;
  if (filter.op !== 'and') return undefined;
  return flatten(filter.terms).find((term) => term.op === 'flow')?.tuple;
}

/** Whether only packets in tunnels can match. */
export function needsInner(filter: Filter): boolean {
  if (filter.op === 'and') return filter.terms.some(needsInner);
  return filter.op === 'or' ? filter.terms.length > 0 && filter.terms.every(needsInner) : filter.op === 'inner';
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
  const [src, dst] = hosts.map((host) => host.value);
  if (parseAddress(src).length !== parseAddress(dst).length) return undefined;
  if (!hasPorts(proto)) return { by: 'flow', keys: [flowKey({ src, srcPort: 0, dst, dstPort: 0, proto })] };
  if (!nameBothEnds(ports)) return undefined;
  const [a, b] = ports.map((port) => port.value);
  const key = (srcPort: number, dstPort: number) => flowKey({ src, srcPort, dst, dstPort, proto });
  return { by: 'flow', keys: [key(a, b), key(b, a)] };
}

/** `host A and host A` says nothing about the other end; `src A and dst A` does. */
function nameBothEnds(ends: { dir: Direction; value: unknown }[]): boolean {
  if (ends.length !== 2) return false;
  const [a, b] = ends;
  return a.value !== b.value || (a.dir !== 'either' && b.dir !== 'either' && a.dir !== b.dir);
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
