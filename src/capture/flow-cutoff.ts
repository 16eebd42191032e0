// Which packets belong to the beginning of their flow: what an elephant flow carries beyond `capture.cutoff` is not worth
// its place on disk. Remembers the bytes of so many flows; one that had to be forgotten is stored again: too much is
// stored then, never too little.
import { HAS_ADDRESSES, KEY_WORDS, QUOTED, W_HASH1, W_KIND, W_PROTO } from '../pcap/key-words.ts';
import type { PacketKeyReader } from '../pcap/packet-key.ts';
import { sameFlow } from '../query/flow-key.ts';
import type { PacketTest } from '../query/packet-filter.ts';
import { hashKey } from '../store/flow-hash.ts';

/** Flows have a place in one set only; of a full set the smallest is forgotten, so small ones never push out elephants. */
const SETS = 1 << 14;
const WAYS = 4;
/** A flow that was silent for so long is over: the same ports make a new one. */
const IDLE_S = 120;
const IDLE_NS = IDLE_S * 1e9;
const TCP = 6;
const SYN = 0x02;
const SYN_ACK = 0x12;

export class FlowCutoff {
  /** packets that were beyond it */
  beyondPackets = 0;
  readonly #cutoffBytes: number;
  readonly #seed: number;
  readonly #keys = new Uint32Array(SETS * WAYS * KEY_WORDS);
  /** on the wire, both directions together; 0: the place is free */
  readonly #bytes = new Float64Array(SETS * WAYS);
  readonly #seenNs = new Float64Array(SETS * WAYS);

  /**
   * @param cutoffBytes of each flow, in both directions together; the packet that crosses it is still stored.
   * @param seed makes it hard for a sender to choose addresses that share a set.
   */
  constructor(cutoffBytes: number, seed: number) {
    this.#cutoffBytes = cutoffBytes;
    this.#seed = seed;
  }

  /**
   * Whether a packet is to be stored; it is counted as one of its flow. A flow is what its five-tuple says: of the
   * packet in a tunnel, if there is one. All later fragments between two hosts are one flow. What has no addresses is
   * always stored.
   */
  readonly packet: PacketTest = (keys, lengthBytes, timeNs) => {
    const inner = keys.count > 1 && (keys.inner[0][W_KIND] & QUOTED) === 0;
    const key = inner ? keys.inner[0] : keys.words;
    if ((key[W_KIND] & HAS_ADDRESSES) === 0) return true;
    const place = this.#placeOf(key, timeNs);
    if (beginsConnection(keys, key, inner)) this.#bytes[place] = 0;
    const before = this.#bytes[place];
    this.#bytes[place] = before + lengthBytes;
    this.#seenNs[place] = timeNs;
    if (before < this.#cutoffBytes) return true;
    this.beyondPackets++;
    return false;
  };

  /** Where the flow is remembered; one that is new begins with no bytes. */
  #placeOf(key: Uint32Array, timeNs: number): number {
    hashKey(key, 0, this.#seed);
    const first = (key[W_HASH1] % SETS) * WAYS;
    let smallest = first;
    for (let place = first; place < first + WAYS; place++) {
      // a clock that was set back must not make a flow last for ever
      if (Math.abs(timeNs - this.#seenNs[place]) > IDLE_NS) this.#bytes[place] = 0;
      if (this.#bytes[place] > 0 && sameFlow(this.#keys, place * KEY_WORDS, key)) return place;
      if (this.#bytes[place] < this.#bytes[smallest]) smallest = place;
    }
    this.#keys.set(key, smallest * KEY_WORDS);
    this.#bytes[smallest] = 0;
    return smallest;
  }
}

/** A SYN: whatever used these ports before is another flow. */
function beginsConnection(keys: PacketKeyReader, key: Uint32Array, inner: boolean): boolean {
  if (key[W_PROTO] >>> 24 !== TCP) return false;
  const flagsAt = (inner ? keys.innerTransportAt : keys.transportAt) + 13;
  const end = inner ? keys.innerTransportEnd : keys.transportEnd;
  return flagsAt > 13 && flagsAt < end && (keys.bytes[flagsAt] & SYN_ACK) === SYN;
}
