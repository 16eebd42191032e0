// Ranges of addresses as a binary tree over their 128 bits, IPv4 below ::/96: what the search tree of an .mmdb file is.

export const ADDRESS_BITS = 128;
const IPV4_OFFSET = 12;

/** Bit `at` of an address of 16 bytes, the first one at 0. */
const bitOf = (address: Uint8Array, at: number): 0 | 1 => ((address[at >> 3] >> (7 - (at & 7))) & 1) as 0 | 1;

/** 16 bytes of an address of 4 or 16. */
function widened(address: Uint8Array): Uint8Array {
  if (address.length === 16) return address;
  const wide = new Uint8Array(16);
  wide.set(address, IPV4_OFFSET);
  return wide;
}

export class AddressTree {
  /** two children a node: 0 nothing, above 0 a node, below 0 the value -(child + 1) */
  #children = new Int32Array(2 << 16);
  #nodes = 1;

  get nodes(): number {
    return this.#nodes;
  }

  /** See #children. */
  child(node: number, bit: 0 | 1): number {
    return this.#children[2 * node + bit];
  }

  /**
   * Gives every address from `first` to `last` (4 or 16 bytes each, both of the same length) the number `value`.
   * What was said of a part of them before is replaced.
   */
  fill(first: Uint8Array, last: Uint8Array, value: number): void {
    const [low, high] = [widened(first), widened(last)];
    let common = 0;
    while (common < ADDRESS_BITS && bitOf(low, common) === bitOf(high, common)) common++;
    // bits from here on are all 0 in the lower end, all 1 in the upper: below that, whole subtrees are filled
    const lowWhole = wholeFrom(low, 0);
    const highWhole = wholeFrom(high, 1);
    if (Math.max(lowWhole, highWhole) <= common) {
      this.#set(low, common, value);
      return;
    }
    this.#fillEdge(low, common, lowWhole, 1, value);
    this.#fillEdge(high, common, highWhole, 0, value);
  }

  /** Fills one side of a range: the edge itself, and what lies `inward` of it. */
  #fillEdge(edge: Uint8Array, common: number, whole: number, inward: 0 | 1, value: number): void {
    const end = Math.max(whole, common + 1);
    const side = Uint8Array.from(edge);
    for (let depth = end; depth > common + 1; depth--) {
      const at = depth - 1;
      if (bitOf(edge, at) === inward) continue;
      side[at >> 3] ^= 1 << (7 - (at & 7));
      this.#set(side, depth, value);
      side[at >> 3] ^= 1 << (7 - (at & 7));
    }
    this.#set(edge, end, value);
  }

  /** Gives the subtree below the first `depth` bits of `address` one value. */
  #set(address: Uint8Array, depth: number, value: number): void {
    let node = 0;
    for (let at = 0; at < depth - 1; at++) {
      const place = 2 * node + bitOf(address, at);
      const child = this.#children[place];
      node = child > 0 ? child : this.#addNode(place, child);
    }
    this.#children[2 * node + bitOf(address, depth - 1)] = -(value + 1);
  }

  /** A new node in `place`, both of whose sides say what the place said. */
  #addNode(place: number, said: number): number {
    const node = this.#nodes++;
    if (2 * this.#nodes > this.#children.length) {
      const wider = new Int32Array(this.#children.length * 2);
      wider.set(this.#children);
      this.#children = wider;
    }
    this.#children[place] = node;
    this.#children.fill(said, 2 * node, 2 * node + 2);
    return node;
  }
}

/** Where the run of equal bits at the end of an address begins. */
function wholeFrom(address: Uint8Array, bit: 0 | 1): number {
  let at = ADDRESS_BITS;
  while (at > 0 && bitOf(address, at - 1) === bit) at--;
  return at;
}
