// HOME_NET: the set of address blocks whose hosts are ours.
import { parseAddress } from './address.ts';
import { type Cidr, cidrContains, parseCidr } from './cidr.ts';

export class HomeNet {
  readonly #blocks: Cidr[];

  /** Takes blocks as text; throws `network` on the first that is none. */
  constructor(blocks: readonly string[]) {
    this.#blocks = blocks.map(parseCidr);
  }

  /** Whether an address (as text or as 4 or 16 bytes) is one of ours. Throws `network` for a text that is no address. */
  contains(address: string | Uint8Array): boolean {
    const bytes = typeof address === 'string' ? parseAddress(address) : address;
    return this.#blocks.some((block) => cidrContains(block, bytes));
  }
}
