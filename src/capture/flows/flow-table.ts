// Packets to flows: who spoke with whom, from when to when, how much each way. Bounded whatever comes: a source that
// opens very many flows becomes one counted scan, and where the table is full the oldest flows end early. Pure.

import { TCP } from '../../net/protocol-number.ts';
import {
  HAS_IPV4,
  HAS_IPV6,
  KEY_WORDS,
  W_DST,
  W_HASH1,
  W_HASH2,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../../pcap/key-words.ts';
import type { PacketKeyReader } from '../../pcap/packet-key.ts';
import { hashAddress, hashKey } from '../../store/flow-hash.ts';

/** One direction: of the first packet, and against it. */
export interface FlowSide {
  packets: number;
  bytes: number;
  /** TCP flags of all packets, one with another */
  flags: number;
}

export interface Flow {
  /** of its first packet, layout of key-words.ts */
  key: Uint32Array;
  startUs: number;
  lastUs: number;
  toServer: FlowSide;
  toClient: FlowSide;
  /** more than 0: a scan, so many new flows of one source counted together; only the source's address counts then */
  scanFlows: number;
}

/** Why a flow was reported: over, silent for long, still going on, no room for more, or told to stop. */
export type FlowEnd = 'closed' | 'timeout' | 'ongoing' | 'full' | 'stopped';

export interface FlowLimits {
  /** so many flows are followed at once */
  mostFlows: number;
  /** new flows of one source within a second; those above are counted as a scan */
  newPerSecond: number;
}

const DEFAULT_LIMITS: FlowLimits = { mostFlows: 200_000, newPerSecond: 200 };
const SECOND_US = 1_000_000;
const IDLE_US = 60 * SECOND_US;
const CLOSED_IDLE_US = 5 * SECOND_US;
/** A long one is reported in parts, so that a traffic page need not wait for its end. */
const LONGEST_PART_US = 600 * SECOND_US;
/** Sources counted within one second, and scans at once; more are counted as ordinary flows, within mostFlows. */
const MOST_SOURCES = 65_536;
const MOST_SCANS = 1024;
const FIN = 0x01;
const RST = 0x04;

export class FlowTable {
  readonly #report: (flow: Flow, end: FlowEnd) => void;
  readonly #limits: FlowLimits;
  readonly #seed: number;
  // insertion order is order of start
  readonly #flows = new Map<number, Flow>();
  readonly #scans = new Map<number, Flow>();
  readonly #sources = new Map<number, number>();
  #second = -1;

  /** @param seed keeps a sender from choosing flows that collide */
  constructor(seed: number, report: (flow: Flow, end: FlowEnd) => void, limits: Partial<FlowLimits> = {}) {
    this.#seed = seed;
    this.#report = report;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get size(): number {
    return this.#flows.size + this.#scans.size;
  }

  /**
   * Takes the packet that was read last; of a tunnel, the outer one. Packets without IP addresses are no flow.
   * @param lengthBytes as it was on the wire
   */
  add(keys: PacketKeyReader, lengthBytes: number, timeUs: number): void {
    const { words } = keys;
    if ((words[W_KIND] & (HAS_IPV4 | HAS_IPV6)) === 0) return;
    hashKey(words, 0, this.#seed);
    const id = words[W_HASH1] * 2 ** 21 + (words[W_HASH2] >>> 11);
    const flow = this.#flows.get(id) ?? this.#scanOf(words) ?? this.#begin(id, words, timeUs);
    const forward = flow.scanFlows > 0 ? sameSource(words, flow.key) : isForward(words, flow.key);
    const side = forward ? flow.toServer : flow.toClient;
    side.packets++;
    side.bytes += lengthBytes;
    side.flags |= flagsOf(keys);
    if (timeUs > flow.lastUs) flow.lastUs = timeUs;
    else if (timeUs < flow.startUs) flow.startUs = timeUs;
  }

  /** Reports and forgets what is over by `nowUs`; what goes on for long is reported so far. */
  expire(nowUs: number): void {
    for (const [id, flow] of this.#flows) {
      const closed =
        ((flow.toServer.flags & flow.toClient.flags & FIN) | ((flow.toServer.flags | flow.toClient.flags) & RST)) !== 0;
      const silentUs = nowUs - flow.lastUs;
      if (silentUs >= (closed ? CLOSED_IDLE_US : IDLE_US))
        this.#end(this.#flows, id, flow, closed ? 'closed' : 'timeout');
      else if (nowUs - flow.startUs >= LONGEST_PART_US) this.#end(this.#flows, id, flow, 'ongoing');
    }
    for (const [id, scan] of this.#scans) {
      if (nowUs - scan.lastUs >= CLOSED_IDLE_US) this.#end(this.#scans, id, scan, 'timeout');
      else if (nowUs - scan.startUs >= IDLE_US) this.#end(this.#scans, id, scan, 'ongoing');
    }
  }

  /** Reports all there is. */
  stop(): void {
    for (const [id, flow] of this.#flows) this.#end(this.#flows, id, flow, 'stopped');
    for (const [id, scan] of this.#scans) this.#end(this.#scans, id, scan, 'stopped');
  }

  #end(from: Map<number, Flow>, id: number, flow: Flow, end: FlowEnd): void {
    from.delete(id);
    this.#report(flow, end);
  }

  /** The scan that a packet of no known flow belongs to: sent by the scanner, or an answer to it. */
  #scanOf(words: Uint32Array): Flow | undefined {
    if (this.#scans.size === 0) return undefined;
    const scan = this.#scans.get(hashAddress(words, W_SRC, this.#seed));
    if (scan !== undefined) {
      scan.scanFlows++;
      return scan;
    }
    return this.#scans.get(hashAddress(words, W_DST, this.#seed));
  }

  #begin(id: number, words: Uint32Array, timeUs: number): Flow {
    const second = Math.floor(timeUs / SECOND_US);
    if (second !== this.#second) this.#sources.clear();
    this.#second = second;
    const source = hashAddress(words, W_SRC, this.#seed);
    const opened = (this.#sources.get(source) ?? 0) + 1;
    if (opened > 1 || this.#sources.size < MOST_SOURCES) this.#sources.set(source, opened);
    const isScan = opened > this.#limits.newPerSecond && this.#scans.size < MOST_SCANS;
    const flow: Flow = {
      key: words.slice(0, KEY_WORDS),
      startUs: timeUs,
      lastUs: timeUs,
      toServer: { packets: 0, bytes: 0, flags: 0 },
      toClient: { packets: 0, bytes: 0, flags: 0 },
      scanFlows: isScan ? 1 : 0,
    };
    if (isScan) this.#scans.set(source, flow);
    else {
      if (this.#flows.size >= this.#limits.mostFlows) this.#makeRoom();
      this.#flows.set(id, flow);
    }
    return flow;
  }

  #makeRoom(): void {
    for (const [id, flow] of this.#flows) {
      this.#end(this.#flows, id, flow, 'full');
      return;
    }
  }
}

function isForward(words: Uint32Array, key: Uint32Array): boolean {
  return words[W_PORTS] === key[W_PORTS] && sameSource(words, key);
}

function sameSource(words: Uint32Array, key: Uint32Array): boolean {
  for (let i = 3; i >= 0; i--) if (words[W_SRC + i] !== key[W_SRC + i]) return false;
  return true;
}

function flagsOf({ words, bytes, transportAt, transportEnd }: PacketKeyReader): number {
  if (words[W_PROTO] >>> 24 !== TCP || transportAt === 0 || transportAt + 14 > transportEnd) return 0;
  return bytes[transportAt + 13];
}
