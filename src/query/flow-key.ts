// Keys of flows and addresses as the index has them (pcap/packet-key.ts), made from what people write.
import { parseAddress } from '../net/address.ts';
import { hasPorts } from '../net/protocol-number.ts';
import type { Tuple } from '../net/tuple.ts';
import {
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  KEY_WORDS,
  LATER_FRAGMENT,
  swap16,
  W_DST,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../pcap/key-words.ts';
import type { KeySide } from './key-text.ts';

/** Tests the key at `at` in one direction: side 0 as written, 1 the other way round. */
export type LeafTest = (words: Uint32Array, at: number, side: KeySide) => boolean;

/** The four words of an address as they are in a key; IPv4 mapped. */
export function addressWords(address: Uint8Array): Uint32Array {
  const bytes = new Uint8Array(16);
  if (address.length === 4) bytes.fill(0xff, 10, 12);
  bytes.set(address, 16 - address.length);
  return new Uint32Array(bytes.buffer);
}

/** The key of a conversation; for protocols without ports those are left out. Throws `network` for a bad address. */
export function flowKey({ src, srcPort, dst, dstPort, proto }: Tuple): Uint32Array {
  const key = new Uint32Array(KEY_WORDS);
  const [source, destination] = [parseAddress(src), parseAddress(dst)];
  key[W_KIND] = source.length === 4 ? (0x0800 << 16) | HAS_IPV4 : (0x86dd << 16) | HAS_IPV6;
  key[W_PROTO] = proto << 24;
  if (hasPorts(proto)) {
    key[W_KIND] |= HAS_PORTS;
    key[W_PORTS] = swap16(srcPort) | (swap16(dstPort) << 16);
  }
  key.set(addressWords(source), W_SRC);
  key.set(addressWords(destination), W_DST);
  return key;
}

/** The key that later fragments of this flow have, and those of all flows of its protocol between its ends. */
export function laterFragmentKey(flow: Uint32Array): Uint32Array {
  const key = flow.slice();
  key[W_PORTS] = 0;
  key[W_KIND] = (key[W_KIND] & ~HAS_PORTS) | LATER_FRAGMENT;
  return key;
}

const FAMILY = HAS_IPV4 | HAS_IPV6;

/** Whether a key is of this flow, in either direction; VLANs and tunnels do not matter. */
export function sameFlow(words: Uint32Array, at: number, flow: Uint32Array): boolean {
  const kinds = FAMILY | HAS_PORTS;
  if (
    ((words[at + W_KIND] ^ flow[W_KIND]) & kinds) !== 0 ||
    ((words[at + W_PROTO] ^ flow[W_PROTO]) & ~0xffffff) !== 0
  ) {
    return false;
  }
  const ports = words[at + W_PORTS];
  if (ports === flow[W_PORTS] && sameEnds(words, at + W_SRC, at + W_DST, flow)) return true;
  return ((ports << 16) | (ports >>> 16)) >>> 0 === flow[W_PORTS] && sameEnds(words, at + W_DST, at + W_SRC, flow);
}

/** Whether a key has this flow's two ends and protocol, whatever its ports. */
export function samePair(words: Uint32Array, at: number, flow: Uint32Array): boolean {
  if (((words[at + W_KIND] ^ flow[W_KIND]) & FAMILY) !== 0) return false;
  if (((words[at + W_PROTO] ^ flow[W_PROTO]) & ~0xffffff) !== 0) return false;
  return sameEnds(words, at + W_SRC, at + W_DST, flow) || sameEnds(words, at + W_DST, at + W_SRC, flow);
}

function sameEnds(words: Uint32Array, src: number, dst: number, flow: Uint32Array): boolean {
  for (let i = 3; i >= 0; i--) {
    if (words[src + i] !== flow[W_SRC + i] || words[dst + i] !== flow[W_DST + i]) return false;
  }
  return true;
}
