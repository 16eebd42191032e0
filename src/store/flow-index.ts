// The index of one segment while it is being written: a hash table of flows, and for each packet its flow and place.
// Lives in shared memory, so that another thread can turn it into the index file (render-index.ts).
import { KEY_WORDS, W_DST, W_HASH1, W_HASH2, W_KIND, W_PORTS, W_PROTO, W_SRC } from '../pcap/key-words.ts';
import type { PacketKeyReader } from '../pcap/packet-key.ts';
import { hashKey } from './flow-hash.ts';

/** Word of a flow in the table that is no key, beside W_HASH1 and W_HASH2: its number, from 1 on; 0 in a free slot. */
export const W_FLOW = 2;

/** Packets in order of arrival are taken in runs of this many, of which only the first and last time are kept. */
export const RUN_SHIFT = 6;
export const RUN_PACKETS = 1 << RUN_SHIFT;

/** A tick is 2^20 ns, about a millisecond: cheap to take from a 64-bit time, fine enough to skip flows by. */
export const TICK_SHIFT = 20;
/** A segment spans at most this many ticks (12 days), so that 32-bit differences never wrap. */
export const MOST_TICKS = 2 ** 30;

/** The table is full at 70 %: probing gets slow beyond. */
const MOST_FULL = 0.7;

/** Everything the index's owner and the thread that closes it must share. */
export interface FlowIndexMemory {
  slotBits: number;
  mostPackets: number;
  buffer: SharedArrayBuffer;
}

// words of the shared state before the tables
const S_FLOWS = 0;
const S_PACKETS = 1;
const S_FIRST_HIGH = 2;
const S_FIRST_LOW = 3;
const S_LAST_HIGH = 4;
const S_LAST_LOW = 5;
const S_UNORDERED = 6;
const S_SEED = 7;
/** of the first packet that came, which need not be the earliest */
const S_BASE_TICK = 8;
const S_BOTH_DIRECTIONS = 9;
const STATE_WORDS = 16;

/** Reserves the memory of an index. */
export function createFlowIndexMemory(slotBits: number, mostPackets: number): FlowIndexMemory {
  const words = STATE_WORDS + (1 << slotBits) * KEY_WORDS + 2 * mostPackets + runWords(mostPackets);
  return { slotBits, mostPackets, buffer: new SharedArrayBuffer(words * 4) };
}

export class FlowIndex {
  readonly memory: FlowIndexMemory;
  /** flows by slot, KEY_WORDS words each */
  readonly table: Uint32Array;
  /** number of each packet's flow, in order of arrival */
  readonly packetFlows: Uint32Array;
  /** where each packet's block begins in the segment, in units of 4 bytes */
  readonly packetPlaces: Uint32Array;
  /** earliest and latest time in each run of packets, in ticks after the segment's first packet */
  readonly runTicks: Int32Array;
  readonly slotMask: number;
  readonly #slotShift: number;
  readonly #state: Uint32Array;
  readonly #mostFlows: number;

  constructor(memory: FlowIndexMemory) {
    this.memory = memory;
    const slots = 1 << memory.slotBits;
    this.slotMask = slots - 1;
    this.#slotShift = 32 - memory.slotBits;
    this.#mostFlows = Math.floor(slots * MOST_FULL);
    this.#state = new Uint32Array(memory.buffer, 0, STATE_WORDS);
    this.table = new Uint32Array(memory.buffer, STATE_WORDS * 4, slots * KEY_WORDS);
    const behind = (STATE_WORDS + slots * KEY_WORDS) * 4;
    this.packetFlows = new Uint32Array(memory.buffer, behind, memory.mostPackets);
    this.packetPlaces = new Uint32Array(memory.buffer, behind + memory.mostPackets * 4, memory.mostPackets);
    this.runTicks = new Int32Array(memory.buffer, behind + memory.mostPackets * 8, runWords(memory.mostPackets));
  }

  get flows(): number {
    return this.#state[S_FLOWS];
  }

  get packets(): number {
    return this.#state[S_PACKETS];
  }

  get seed(): number {
    return this.#state[S_SEED];
  }

  /** Whether packets came in order of time. */
  get ordered(): boolean {
    return this.#state[S_UNORDERED] === 0;
  }

  /** Whether any conversation was seen from both ends: a mirror port set up for one direction shows only half. */
  get bothDirections(): boolean {
    return this.#state[S_BOTH_DIRECTIONS] !== 0;
  }

  /** Time of the earliest and latest packet, in nanoseconds since 1970. */
  get firstNs(): bigint {
    return (BigInt(this.#state[S_FIRST_HIGH]) << 32n) | BigInt(this.#state[S_FIRST_LOW]);
  }

  get lastNs(): bigint {
    return (BigInt(this.#state[S_LAST_HIGH]) << 32n) | BigInt(this.#state[S_LAST_LOW]);
  }

  /** How many packets it surely still takes, whatever flows they are of. */
  get room(): number {
    return Math.min(this.#mostFlows - this.#state[S_FLOWS], this.memory.mostPackets - this.#state[S_PACKETS]);
  }

  /** Empties the index: some milliseconds, which the capture thread leaves to the index thread. */
  clear(): void {
    this.table.fill(0);
    this.#state.fill(0);
  }

  /** Begins a segment; the index must be empty. */
  begin(seed: number): void {
    this.#state[S_SEED] = seed;
  }

  /** Whether a packet of this time may go into the same segment as the first one. */
  spans(timeHigh: number, timeLow: number): boolean {
    if (this.#state[S_PACKETS] === 0) return true;
    const first = this.#state[S_FIRST_HIGH] * 4294967296 + this.#state[S_FIRST_LOW];
    return Math.abs(timeHigh * 4294967296 + timeLow - first) < (MOST_TICKS / 2) * 2 ** TICK_SHIFT;
  }

  /**
   * Adds one packet; there must be room, and the time must be spanned.
   * @param key the packet's key; its hash words are written here.
   * @param place where the packet's block begins in the segment, in units of 4 bytes.
   * @returns its flow's number, for addToFlow().
   */
  add(key: Uint32Array, timeHigh: number, timeLow: number, place: number): number {
    const { table, slotMask } = this;
    hashKey(key, 0, this.#state[S_SEED]);
    const h1 = key[W_HASH1];
    const h2 = key[W_HASH2];
    let slot = h1 >>> this.#slotShift;
    let at = slot * KEY_WORDS;
    while (table[at + W_FLOW] !== 0) {
      if (table[at] === h1 && table[at + W_HASH2] === h2 && this.#isSameFlow(at, key)) break;
      slot = (slot + 1) & slotMask;
      at = slot * KEY_WORDS;
    }
    let flow = table[at + W_FLOW];
    if (flow === 0) {
      flow = ++this.#state[S_FLOWS];
      table[at] = h1;
      table[at + W_HASH2] = h2;
      table[at + W_FLOW] = flow;
      for (let i = W_KIND; i < KEY_WORDS; i++) table[at + i] = key[i];
    }
    this.addToFlow(flow, timeHigh, timeLow, place);
    return flow;
  }

  /**
   * Adds one more packet of a flow. Touches nothing of the flow itself, which is rarely in the processor's cache: what
   * a record says of its packets is counted when the index is rendered.
   */
  addToFlow(flow: number, timeHigh: number, timeLow: number, place: number): void {
    const tick = this.#noteTime(timeHigh, timeLow);
    const n = this.#state[S_PACKETS]++;
    this.packetFlows[n] = flow;
    this.packetPlaces[n] = place;
    const { runTicks } = this;
    const run = (n >> RUN_SHIFT) * 2;
    if ((n & (RUN_PACKETS - 1)) === 0) runTicks[run] = runTicks[run + 1] = tick;
    else if (tick > runTicks[run + 1]) runTicks[run + 1] = tick;
    else if (tick < runTicks[run]) runTicks[run] = tick;
  }

  /** A conversation was seen from both ends by who adds its packets with addToFlow. */
  noteBothDirections(): void {
    this.#state[S_BOTH_DIRECTIONS] = 1;
  }

  /** Adds the packets inside it, if there are any: each has a flow of its own, at the same place. */
  addInner(keys: PacketKeyReader, timeHigh: number, timeLow: number, place: number): void {
    for (let i = 1; i < keys.count; i++) this.add(keys.inner[i - 1], timeHigh, timeLow, place);
  }

  /** Slots of all flows, by hash: nearly as they lie in the table, whose slots are a hash's highest bits. */
  sortedSlots(): Uint32Array {
    const { table, slotMask } = this;
    const sorted = new Uint32Array(this.flows);
    let n = 0;
    const isTaken = (slot: number) => table[slot * KEY_WORDS + W_FLOW] !== 0;
    // those at the table's end that found no room there went on at its beginning
    const isWrapped = (slot: number) => table[slot * KEY_WORDS] >>> this.#slotShift > slot;
    for (let slot = 0; slot <= slotMask; slot++) if (isTaken(slot) && !isWrapped(slot)) sorted[n++] = slot;
    for (let slot = 0; slot <= slotMask && isTaken(slot); slot++) if (isWrapped(slot)) sorted[n++] = slot;
    for (let i = 1; i < n; i++) {
      const slot = sorted[i];
      const hash = table[slot * KEY_WORDS];
      let to = i;
      for (; to > 0 && table[sorted[to - 1] * KEY_WORDS] > hash; to--) sorted[to] = sorted[to - 1];
      sorted[to] = slot;
    }
    return sorted;
  }

  /** Equal hashes are not yet equal flows: the whole key is compared, in either direction. */
  #isSameFlow(at: number, key: Uint32Array): boolean {
    const { table } = this;
    if (table[at + W_KIND] !== key[W_KIND] || table[at + W_PROTO] !== key[W_PROTO]) return false;
    const ports = key[W_PORTS];
    if (table[at + W_PORTS] === ports && sameAddresses(table, at + W_SRC, at + W_DST, key)) return true;
    const swapped = ((ports << 16) | (ports >>> 16)) >>> 0;
    if (table[at + W_PORTS] !== swapped || !sameAddresses(table, at + W_DST, at + W_SRC, key)) return false;
    this.noteBothDirections();
    return true;
  }

  /** Keeps first, last and order; returns the time in ticks after the segment's first packet. */
  #noteTime(high: number, low: number): number {
    const state = this.#state;
    if (state[S_PACKETS] === 0) {
      state[S_FIRST_HIGH] = state[S_LAST_HIGH] = high;
      state[S_FIRST_LOW] = state[S_LAST_LOW] = low;
      state[S_BASE_TICK] = ticks(high, low);
    } else if (high > state[S_LAST_HIGH] || (high === state[S_LAST_HIGH] && low >= state[S_LAST_LOW])) {
      state[S_LAST_HIGH] = high;
      state[S_LAST_LOW] = low;
    } else {
      state[S_UNORDERED] = 1;
      if (high < state[S_FIRST_HIGH] || (high === state[S_FIRST_HIGH] && low < state[S_FIRST_LOW])) {
        state[S_FIRST_HIGH] = high;
        state[S_FIRST_LOW] = low;
      }
    }
    return (ticks(high, low) - state[S_BASE_TICK]) | 0;
  }
}

/** Keys without ports carry 0 there, so the ports' word always takes part. */
function sameAddresses(table: Uint32Array, src: number, dst: number, key: Uint32Array): boolean {
  for (let i = 3; i >= 0; i--) {
    if (table[src + i] !== key[W_SRC + i] || table[dst + i] !== key[W_DST + i]) return false;
  }
  return true;
}

function ticks(high: number, low: number): number {
  return (high << (32 - TICK_SHIFT)) | (low >>> TICK_SHIFT);
}

function runWords(mostPackets: number): number {
  return 2 * Math.ceil(mostPackets / RUN_PACKETS);
}
