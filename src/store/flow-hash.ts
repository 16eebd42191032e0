// The 64-bit hash that flow records are sorted by. Symmetric: both directions of a conversation hash alike.
// VLANs, flags and ICMP types stay out of it, so that a query need not know them.
import { HAS_IPV6, W_DST, W_HASH1, W_HASH2, W_KIND, W_PORTS, W_PROTO, W_SRC } from '../pcap/key-words.ts';

// odd constants of the golden ratio and of xxHash32 (primes 2 to 4): each multiplication spreads the bits of its input
const K1 = 0x9e3779b1 | 0;
const K2 = 0x85ebca77 | 0;
const K3 = 0xc2b2ae3d | 0;
const K4 = 0x27d4eb2f | 0;

/**
 * Writes the hash of the key at `at` into its words W_HASH1 and W_HASH2.
 * @param seed makes it hard for a sender to choose addresses that collide; kept in the index's header.
 */
export function hashKey(words: Uint32Array, at: number, seed: number): void {
  const ports = words[at + W_PORTS];
  const srcPort = ports & 0xffff;
  const dstPort = ports >>> 16;
  let a1 = seed ^ Math.imul(srcPort, K3);
  let b1 = seed ^ Math.imul(dstPort, K3);
  let a2 = (seed + Math.imul(srcPort, K4)) | 0;
  let b2 = (seed + Math.imul(dstPort, K4)) | 0;
  // IPv4 has its address in the last of the four words; the others are always the same
  for (let i = (words[at + W_KIND] & HAS_IPV6) !== 0 ? 0 : 3; i < 4; i++) {
    const src = words[at + W_SRC + i];
    const dst = words[at + W_DST + i];
    a1 = Math.imul(a1 ^ src, K1);
    a1 ^= a1 >>> 15;
    b1 = Math.imul(b1 ^ dst, K1);
    b1 ^= b1 >>> 15;
    a2 = Math.imul((a2 + src) | 0, K2);
    a2 ^= a2 >>> 13;
    b2 = Math.imul((b2 + dst) | 0, K2);
    b2 ^= b2 >>> 13;
  }
  const rest = (words[at + W_PROTO] >>> 24) ^ (words[at + W_KIND] >>> 16);
  let h1 = Math.imul((Math.imul(a1, K4) + Math.imul(b1, K4)) ^ Math.imul(rest, K3), K2);
  h1 ^= h1 >>> 16;
  const h2 = Math.imul((Math.imul(a2, K3) + Math.imul(b2, K3) + rest) | 0, K1);
  words[at + W_HASH1] = h1;
  words[at + W_HASH2] = h2 ^ (h2 >>> 15);
}

/** 32-bit hash of an address (four words at `at`), which the host table is sorted by. */
export function hashAddress(words: Uint32Array, at: number, seed: number): number {
  let hash = seed;
  for (let i = 0; i < 4; i++) {
    hash = Math.imul(hash ^ words[at + i], K1);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, K2) >>> 0;
}
