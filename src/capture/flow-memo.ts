// Remembers the flow of a packet by the header words that decide it, so that a packet's key is read only once for each
// direction of a conversation. Knows plain TCP and UDP over IPv4 and IPv6 with at most one VLAN tag; all else, and
// whatever may carry a packet inside it, has no place here and has its key read each time.
import { isTunnelPort } from '../pcap/udp-tunnel.ts';

/** Directions of conversations, more than are alive at one time on a busy link; few enough for a core's own cache. */
const V4_ENTRIES = 8192;
const V6_ENTRIES = 2048;
// Frames begin on a multiple of four, so addresses and ports straddle 32-bit words. Words that hold nothing else are
// compared as they are; the two halves that are left over at the ends are put together into one more.
const V4_ENTRY_WORDS = 8; // kind, flow, halves, two words
const V6_ENTRY_WORDS = 16; // kind, flow, halves, eight words
const E_KIND = 0;
const E_FLOW = 1;
const E_HALVES = 2;
const E_WORDS = 3;
const V6_WORDS = 8;

const IPV4 = 0x0008; // EtherTypes, as their bytes lie
const IPV6 = 0xdd86;
const VLAN = 0x0081;
const TCP = 6;
const UDP = 17;
/** A kind is never 0, as a free entry's is. */
const KIND_V4 = 0x40000000;
const KIND_V6 = 0x60000000;
const TAGGED = 0x10000;
const LEAST_BYTES = 64;

const K1 = 0x9e3779b1 | 0;
const K2 = 0x85ebca77 | 0;
const K3 = 0xc2b2ae3d | 0;

export class FlowMemo {
  readonly #u32: Uint32Array;
  readonly #v4 = new Uint32Array(V4_ENTRIES * V4_ENTRY_WORDS);
  readonly #v6 = new Uint32Array(V6_ENTRIES * V6_ENTRY_WORDS);
  // of the packet that was looked up last: where it may be remembered (undefined: nowhere), and what by
  #table: Uint32Array | undefined;
  #entry = 0;
  #kind = 0;
  #halves = 0;
  #word = 0;

  /** @param ring memory that the packets lie in. */
  constructor(ring: ArrayBuffer) {
    this.#u32 = new Uint32Array(ring);
  }

  /** Flows of another index have other numbers. */
  clear(): void {
    this.#v4.fill(0);
    this.#v6.fill(0);
  }

  /**
   * The flow of a packet, or -1 where its key has to be read.
   * @param frame where it begins, on a multiple of four.
   * @param length how many bytes of it were captured.
   */
  find(frame: number, length: number): number {
    const u32 = this.#u32;
    let word = frame >> 2;
    let type = u32[word + 3];
    let tag = 0;
    this.#table = undefined;
    if (length < LEAST_BYTES - 4) return -1;
    if ((type & 0xffff) === VLAN) {
      tag = TAGGED | ((type >>> 16) & 0xff0f); // the id, as its bytes lie
      word++;
      type = u32[word + 3];
    }
    if ((type & 0xffff) === IPV4) return this.#findV4(word, type, tag);
    return (type & 0xffff) === IPV6 && length >= LEAST_BYTES ? this.#findV6(word, type, tag) : -1;
  }

  #findV4(word: number, type: number, tag: number): number {
    const u32 = this.#u32;
    const entries = this.#v4;
    const lengthAndId = u32[word + 4];
    const proto = u32[word + 5] >>> 24;
    // no options, no piece of a datagram, and long enough for ports
    if ((type & 0xff0000) !== 0x450000 || (u32[word + 5] & 0xff3f) !== 0 || (proto !== TCP && proto !== UDP)) return -1;
    if ((lengthAndId & 0xff) === 0 && (lengthAndId & 0xff00) < 24 << 8) return -1;
    const halves = ((u32[word + 6] & 0xffff0000) | (u32[word + 9] & 0xffff)) >>> 0;
    const a = u32[word + 7];
    const b = u32[word + 8];
    const kind = KIND_V4 | (proto << 20) | tag;
    const hash = Math.imul(Math.imul(a ^ halves, K1) ^ b ^ tag, K2);
    const at = ((hash ^ Math.imul(halves, K3)) >>> 19) * V4_ENTRY_WORDS;
    if (
      entries[at + E_KIND] === kind &&
      entries[at + E_HALVES] === halves &&
      entries[at + E_WORDS] === a &&
      entries[at + E_WORDS + 1] === b
    ) {
      return entries[at + E_FLOW];
    }
    if (proto === TCP || !isTunnelPort(b >>> 16, u32[word + 9] & 0xffff))
      this.#open(entries, at, kind, halves, word + 7);
    return -1;
  }

  #findV6(word: number, type: number, tag: number): number {
    const u32 = this.#u32;
    const entries = this.#v6;
    const proto = u32[word + 5] & 0xff;
    const payload = u32[word + 4] >>> 16; // its bytes as they lie
    // no extension headers, and long enough for ports
    if ((type & 0xf00000) !== 0x600000 || (proto !== TCP && proto !== UDP)) return -1;
    if ((payload & 0xff) === 0 && payload < 4 << 8) return -1;
    const halves = ((u32[word + 5] & 0xffff0000) | (u32[word + 14] & 0xffff)) >>> 0;
    const kind = KIND_V6 | (proto << 20) | tag;
    let hash = Math.imul(halves ^ tag, K3);
    for (let i = 0; i < V6_WORDS; i++) hash = Math.imul(hash ^ (hash >>> 15) ^ u32[word + 6 + i], K1);
    const at = (hash >>> 21) * V6_ENTRY_WORDS;
    let same = entries[at + E_KIND] === kind && entries[at + E_HALVES] === halves;
    for (let i = 0; same && i < V6_WORDS; i++) same = entries[at + E_WORDS + i] === u32[word + 6 + i];
    if (same) return entries[at + E_FLOW];
    if (proto === TCP || !isTunnelPort(u32[word + 13] >>> 16, u32[word + 14] & 0xffff))
      this.#open(entries, at, kind, halves, word + 6);
    return -1;
  }

  #open(table: Uint32Array, entry: number, kind: number, halves: number, word: number): void {
    this.#table = table;
    this.#entry = entry;
    this.#kind = kind;
    this.#halves = halves;
    this.#word = word;
  }

  /** The packet that was looked up last is of this flow. */
  remember(flow: number): void {
    const table = this.#table;
    if (table === undefined) return;
    const at = this.#entry;
    const words = table === this.#v4 ? 2 : V6_WORDS;
    table[at + E_KIND] = this.#kind;
    table[at + E_FLOW] = flow;
    table[at + E_HALVES] = this.#halves;
    for (let i = 0; i < words; i++) table[at + E_WORDS + i] = this.#u32[this.#word + i];
  }
}
