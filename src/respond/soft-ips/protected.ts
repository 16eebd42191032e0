// Addresses that are never cut off, whoever asks. Pure.
import { parseAddressOrNothing } from '../../net/address.ts';
import { type Cidr, cidrContains, parseCidr } from '../../net/cidr.ts';

/** Loopback, link-local, multicast, broadcast and "this network": nothing that a block could mean. */
const NEVER = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::/10',
  'ff00::/8',
];

export class Protected {
  #blocks: Cidr[];

  /**
   * @param own addresses of this machine, its gateways and resolvers; what is none is passed over
   * @param allowed `respond.allow`
   */
  constructor(own: readonly string[], allowed: readonly string[]) {
    const known = own.filter((address) => parseAddressOrNothing(address) !== undefined);
    this.#blocks = [...NEVER, ...known, ...allowed].map(parseCidr);
  }

  has(address: Uint8Array): boolean {
    return this.#blocks.some((block) => cidrContains(block, address));
  }

  /** Whether a block of `target` could hit nothing but what is protected. */
  covers(target: Cidr): boolean {
    return this.#blocks.some((block) => block.prefixBits <= target.prefixBits && cidrContains(block, target.network));
  }
}
