// The packets of one segment that a query asks for, in order of time.

import { HAS_IPV4, KEY_WORDS, W_KIND } from '../pcap/key-words.ts';
import type { CapturedPacket } from '../pcap/packet.ts';
import type { PacketTest, RecordTest } from '../query/packet-filter.ts';
import type { PacketAccess } from '../query/plan-packets.ts';
import { hashAddress, hashKey } from './flow-hash.ts';
import { TICK_SHIFT } from './flow-index.ts';
import type { IndexFile } from './index-file.ts';
import type { OpenedSegment } from './open-segment.ts';
import { BlockReader } from './read-blocks.ts';
import { SegmentWalk } from './read-segment.ts';
import { R_TIMES } from './render-index.ts';
import type { PacketKey } from './sealed/packet-keys.ts';

export interface SegmentQuery {
  access: PacketAccess;
  packet: PacketTest;
  record: RecordTest;
  /** both ends belong to it */
  fromNs: bigint;
  toNs: bigint;
  /** for encrypted segments */
  keys: readonly PacketKey[];
}

export interface SearchCounts {
  /** flow records that may have what is asked for */
  flows: number;
  /** packets looked at to make sure */
  candidates: number;
  /** places of the index where there was no packet */
  damaged: number;
}

/** Where packets may lie that match: in units of 4 bytes, ascending. */
export interface FoundPlaces {
  places: Uint32Array;
  /** whether packets lie in the segment in order of time */
  ordered: boolean;
}

/**
 * Finds the places of all packets that may match.
 * @throws MssError `store` where the index is damaged: the segment must then be scanned.
 */
export function findPlaces(index: IndexFile, query: SegmentQuery, counts: SearchCounts): FoundPlaces {
  const record = new Uint32Array(KEY_WORDS);
  const parts: Uint32Array[] = [];
  let total = 0;
  const { low, high } = timeWindow(index, query);
  const all = query.access.by === 'all';
  for (const i of flowNumbers(index, query.access)) {
    index.readRecord(i, record);
    const times = record[R_TIMES];
    if ((times & 0xffff) > high || times >>> 16 < low) continue;
    if (!all && !query.record(record, 0)) continue;
    const places = index.readPostings(record);
    counts.flows++;
    total += places.length;
    parts.push(places);
  }
  const { ordered } = index.header;
  if (parts.length === 1) return { places: withoutTwins(parts[0]), ordered };
  const joined = new Uint32Array(total);
  let at = 0;
  for (const places of parts) {
    joined.set(places, at);
    at += places.length;
  }
  return { places: withoutTwins(joined.sort()), ordered };
}

/** A packet in a tunnel is in two flows, and twice in one where two tunnels have the same ends. */
function withoutTwins(sorted: Uint32Array): Uint32Array {
  let kept = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i];
  return sorted.subarray(0, kept);
}

/** What a pass over a whole segment finds. */
export interface ScannedPlaces extends FoundPlaces {
  packets: number;
  lastNs: bigint;
  /** bytes at its end that are no whole blocks; of an open segment they may be on their way */
  tornBytes: number;
}

/** The places of all packets that pass the test, without an index: some tenths of a second for a large segment. */
export function scanPlaces(segment: OpenedSegment, test: PacketTest): ScannedPlaces {
  const bytes = segment.measure();
  const walk = new SegmentWalk(segment.readAt, bytes);
  const places: number[] = [];
  let ordered = true;
  let packets = 0;
  let [lastHigh, lastLow] = [0, 0];
  while (walk.next()) {
    const { at, keys, u32 } = walk;
    const word = at >> 2;
    packets++;
    const [high, low] = [u32[word + 3], u32[word + 4]];
    if (high > lastHigh || (high === lastHigh && low >= lastLow)) [lastHigh, lastLow] = [high, low];
    else ordered = false;
    keys.read(at + 28, u32[word + 5], segment.linkTypes[u32[word + 2]] ?? -1);
    if (test(keys, u32[word + 6], high * 2 ** 32 + low)) places.push(walk.position / 4);
  }
  return {
    places: Uint32Array.from(places),
    ordered,
    packets,
    lastNs: (BigInt(lastHigh) << 32n) | BigInt(lastLow),
    tornBytes: bytes - walk.validBytes,
  };
}

/** Time of a segment's first packet; undefined where it has none. */
export function firstPacketNs(segment: OpenedSegment): bigint | undefined {
  const walk = new SegmentWalk(segment.readAt, segment.measure());
  if (!walk.next()) return undefined;
  const word = walk.at >> 2;
  return (BigInt(walk.u32[word + 3]) << 32n) | BigInt(walk.u32[word + 4]);
}

/** Reads the packets at these places, keeps those that match, in order of time. The data is valid until the next. */
export function* readMatches(
  segment: OpenedSegment,
  { places, ordered }: FoundPlaces,
  query: SegmentQuery,
  counts: SearchCounts,
): Generator<CapturedPacket, void, undefined> {
  const reader = new BlockReader(segment.readAt);
  const inOrder = ordered ? places : sortByTime(reader, places);
  for (let i = 0; i < inOrder.length; i++) {
    const at = reader.fetch(inOrder, i);
    if (at < 0) {
      counts.damaged++;
      continue;
    }
    counts.candidates++;
    const { u32, u8, keys } = reader;
    const word = at >> 2;
    const [high, low] = [u32[word + 3], u32[word + 4]];
    const timeNs = (BigInt(high) << 32n) | BigInt(low);
    if (timeNs < query.fromNs || timeNs > query.toNs) continue;
    const linkType = segment.linkTypes[u32[word + 2]] ?? -1;
    const capturedLength = u32[word + 5];
    const originalLength = u32[word + 6];
    keys.read(at + 28, capturedLength, linkType);
    if (!query.packet(keys, originalLength, high * 2 ** 32 + low)) continue;
    const data = u8.subarray(at + 28, at + 28 + capturedLength);
    yield { timeNs, linkType, capturedLength, originalLength, data };
  }
}

function* flowNumbers(index: IndexFile, access: PacketAccess): Generator<number, void, undefined> {
  const { seed, flows } = index.header;
  if (access.by === 'all' || access.by === 'scan') {
    for (let i = 0; i < flows; i++) yield i;
    return;
  }
  const found = new Set<number>();
  if (access.by === 'flow') {
    for (const key of access.keys) {
      hashKey(key, 0, seed);
      for (const i of index.findFlows(key[0], key[1], (key[W_KIND] & HAS_IPV4) !== 0)) found.add(i);
    }
  } else {
    for (const address of access.addresses) {
      for (const i of index.findHostFlows(hashAddress(address, 0, seed))) found.add(i);
    }
  }
  yield* found;
}

/** The query's time in the 16-bit fractions of the segment's time that flow records have (see render-index.ts). */
function timeWindow(index: IndexFile, query: SegmentQuery): { low: number; high: number } {
  const { firstNs, lastNs } = index.header;
  const tick = (ns: bigint) => ns >> BigInt(TICK_SHIFT);
  const range = Math.max(1, Number(tick(lastNs) - tick(firstNs)));
  const fraction = (ns: bigint) => Math.floor((Number(tick(ns) - tick(firstNs)) / range) * 65535);
  return { low: fraction(query.fromNs), high: fraction(query.toNs) };
}

function sortByTime(reader: BlockReader, places: Uint32Array): Uint32Array {
  const times = new BigUint64Array(places.length);
  for (let i = 0; i < places.length; i++) {
    const at = reader.fetch(places, i);
    if (at >= 0) times[i] = (BigInt(reader.u32[(at >> 2) + 3]) << 32n) | BigInt(reader.u32[(at >> 2) + 4]);
  }
  const order = Array.from(places, (_, i) => i).sort((a, b) =>
    times[a] < times[b] ? -1 : times[a] > times[b] ? 1 : a - b,
  );
  return Uint32Array.from(order, (i) => places[i]);
}
