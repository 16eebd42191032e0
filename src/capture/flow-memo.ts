// Remembers the flow of a packet by the header words that decide it, so that a packet's key is read only once for each
// conversation. Knows plain TCP and UDP over IPv4 and IPv6 with at most one VLAN tag; all else, and whatever may carry a
// packet inside it, has no place here and has its key read each time.
import { isTunnelPort } from '../pcap/udp-tunnel.ts';

/** Conversations over IPv4 are kept by pairs, in a line of the cache each; all fit in a core's own cache. */
const V4_PAIR_BITS = 13;
const V4_ENTRY_WORDS = 8;
const V4_PAIR_WORDS = 2 * V4_ENTRY_WORDS;
const V6_ENTRY_BITS = 12;
const V6_ENTRY_WORDS = 16;
// words of an entry
const E_KIND = 0;
/** the flow's number, and in the highest bit whether the direction seen first is the turned one */
const E_FLOW = 1;
const E_PORTS = 2;
/** IPv4: the lower address, and the higher one, with its port in E_PORTS' high half */
const E_LOW = 3;
const E_HIGH = 4;
/** IPv6: addresses in the direction seen first */
const E_SRC = 3;
const E_DST = 7;
const FLOW = 0x7fffffff;

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
  readonly #v4 = new Uint32Array(V4_PAIR_WORDS << V4_PAIR_BITS);
  readonly #v6 = new Uint32Array(V6_ENTRY_WORDS << V6_ENTRY_BITS);
  // of the packet that was looked up last: where it may be remembered (-1: nowhere), and what by
  #v4At = -1;
  #v6At = -1;
  #kind = 0;
  #ports = 0;
  #low = 0;
  #high = 0;
  #turned = 0;
  #word = 0;
  /** highest bit: a packet came against the direction that its conversation was first seen in */
  #reverse = 0;

  /** @param ring memory that the packets lie in. */
  constructor(ring: ArrayBuffer) {
    this.#u32 = new Uint32Array(ring);
  }

  /** Whether a conversation that is remembered was seen from its other end. */
  get sawReverse(): boolean {
    return this.#reverse < 0;
  }

  /** Flows of another index have other numbers. */
  clear(): void {
    this.#v4.fill(0);
    this.#v6.fill(0);
    this.#reverse = 0;
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
    this.#v4At = this.#v6At = -1;
    if (length < LEAST_BYTES - 4) return -1;
    if ((type & 0xffff) === VLAN) {
      tag = TAGGED | ((type >>> 16) & 0xff0f); // the id, as its bytes lie
      word++;
      type = u32[word + 3];
    }
    if ((type & 0xffff) === IPV4) return this.#findV4(word, type, tag);
    return (type & 0xffff) === IPV6 && length >= LEAST_BYTES ? this.#findV6(word, type, tag) : -1;
  }

  // frames begin on a multiple of four, so addresses and ports straddle 32-bit words: halves of two make one

  #findV4(word: number, type: number, tag: number): number {
    const u32 = this.#u32;
    const lengthAndId = u32[word + 4];
    const proto = u32[word + 5] >>> 24;
    // no options, no piece of a datagram, and long enough for ports
    if ((type & 0xff0000) !== 0x450000 || (u32[word + 5] & 0xff3f) !== 0 || (proto !== TCP && proto !== UDP)) return -1;
    if ((lengthAndId & 0xff) === 0 && (lengthAndId & 0xff00) < 24 << 8) return -1;
    const w7 = u32[word + 7];
    const w8 = u32[word + 8];
    const src = (u32[word + 6] >>> 16) | (w7 << 16);
    const dst = (w7 >>> 16) | (w8 << 16);
    const ports = (w8 >>> 16) | (u32[word + 9] << 16);
    const kind = KIND_V4 | (proto << 20) | tag;
    // the lower address first; no branch, since no processor can guess a packet's direction
    const turned = ((src >>> 1) - (dst >>> 1)) >> 31;
    const turn = (src ^ dst) & turned;
    const low = src ^ turn;
    const high = dst ^ turn;
    const lowHigh = ports ^ ((ports ^ swapPorts(ports)) & turned);
    const hash = Math.imul(mix(low ^ Math.imul(lowHigh, K3)) + high, K2);
    const at = (hash >>> (32 - V4_PAIR_BITS)) * V4_PAIR_WORDS;
    if (this.#holdsV4(at, kind, lowHigh, low, high)) return this.#flowAt(at, turned);
    const other = at + V4_ENTRY_WORDS;
    if (this.#holdsV4(other, kind, lowHigh, low, high)) return this.#flowAt(other, turned);
    if (proto === UDP && mayCarryPackets(ports)) return -1;
    this.#v4At = at;
    this.#kind = kind;
    this.#turned = turned;
    this.#ports = lowHigh;
    this.#low = low;
    this.#high = high;
    return -1;
  }

  #holdsV4(at: number, kind: number, ports: number, low: number, high: number): boolean {
    const v4 = this.#v4;
    return (
      ((v4[at + E_KIND] ^ kind) | (v4[at + E_PORTS] ^ ports) | (v4[at + E_LOW] ^ low) | (v4[at + E_HIGH] ^ high)) === 0
    );
  }

  #flowAt(at: number, turned: number): number {
    const flow = this.#v4[at + E_FLOW];
    this.#reverse |= flow ^ turned;
    return flow & FLOW;
  }

  #findV6(word: number, type: number, tag: number): number {
    const u32 = this.#u32;
    const entries = this.#v6;
    const proto = u32[word + 5] & 0xff;
    const payload = u32[word + 4] >>> 16; // its bytes as they lie
    // no extension headers, and long enough for ports
    if ((type & 0xf00000) !== 0x600000 || (proto !== TCP && proto !== UDP)) return -1;
    if ((payload & 0xff) === 0 && payload < 4 << 8) return -1;
    const ports = this.#straddling(word + 13);
    let a = Math.imul(ports & 0xffff, K3);
    let b = Math.imul(ports >>> 16, K3);
    for (let i = 0; i < 4; i++) {
      a = mix(a ^ this.#straddling(word + 5 + i));
      b = mix(b ^ this.#straddling(word + 9 + i));
    }
    const kind = KIND_V6 | (proto << 20) | tag;
    const at = (Math.imul(a + b, K2) >>> (32 - V6_ENTRY_BITS)) * V6_ENTRY_WORDS;
    if (entries[at + E_KIND] === kind) {
      if ((entries[at + E_PORTS] | 0) === ports && this.#hasV6(at, word + 5, word + 9)) return entries[at + E_FLOW];
      if ((entries[at + E_PORTS] | 0) === swapPorts(ports) && this.#hasV6(at, word + 9, word + 5)) {
        this.#reverse = -1;
        return entries[at + E_FLOW];
      }
    }
    if (proto === UDP && mayCarryPackets(ports)) return -1;
    this.#v6At = at;
    this.#turned = 0;
    this.#kind = kind;
    this.#ports = ports;
    this.#word = word;
    return -1;
  }

  #hasV6(at: number, src: number, dst: number): boolean {
    const entries = this.#v6;
    for (let i = 3; i >= 0; i--) {
      if ((entries[at + E_SRC + i] | 0) !== this.#straddling(src + i)) return false;
      if ((entries[at + E_DST + i] | 0) !== this.#straddling(dst + i)) return false;
    }
    return true;
  }

  #straddling(word: number): number {
    return (this.#u32[word] >>> 16) | (this.#u32[word + 1] << 16);
  }

  /** The packet that was looked up last is of this flow. */
  remember(flow: number): void {
    if (this.#v4At >= 0) {
      const entries = this.#v4;
      const at = this.#v4At;
      // the older one of the pair goes
      for (let i = 0; i < V4_ENTRY_WORDS; i++) entries[at + V4_ENTRY_WORDS + i] = entries[at + i];
      entries[at + E_LOW] = this.#low;
      entries[at + E_HIGH] = this.#high;
      this.#put(entries, at, flow);
    } else if (this.#v6At >= 0) {
      const entries = this.#v6;
      const at = this.#v6At;
      for (let i = 0; i < 4; i++) {
        entries[at + E_SRC + i] = this.#straddling(this.#word + 5 + i);
        entries[at + E_DST + i] = this.#straddling(this.#word + 9 + i);
      }
      this.#put(entries, at, flow);
    }
  }

  #put(entries: Uint32Array, at: number, flow: number): void {
    entries[at + E_KIND] = this.#kind;
    entries[at + E_FLOW] = flow | (this.#turned & ~FLOW);
    entries[at + E_PORTS] = this.#ports;
  }
}

function mix(value: number): number {
  const product = Math.imul(value, K1);
  return product ^ (product >>> 15);
}

function swapPorts(ports: number): number {
  return (ports << 16) | (ports >>> 16);
}

/** In either direction, since both share an entry. */
function mayCarryPackets(ports: number): boolean {
  return isTunnelPort(ports & 0xffff, ports >>> 16) || isTunnelPort(ports >>> 16, ports & 0xffff);
}
