// An address block: "192.0.2.0/24", "2001:db8::/32", or one address (its prefix is then its whole length).
import { MssError } from '../errors.ts';
import { formatAddress, parseAddressOrNothing } from './address.ts';

export interface Cidr {
  /** first address of the block: host bits are zero */
  network: Uint8Array;
  prefixBits: number;
}

/** Parses `ADDRESS/BITS` or `ADDRESS`; host bits are cleared. Throws `network`. */
export function parseCidr(text: string): Cidr {
  const [addressText, bitsText, ...rest] = text.split('/');
  const address = parseAddressOrNothing(addressText);
  const bits = bitsText === undefined ? (address?.length ?? 0) * 8 : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : -1;
  if (address === undefined || rest.length > 0 || bits < 0 || bits > address.length * 8) {
    throw new MssError('network', `"${text}" is not an address block; write it like 192.0.2.0/24 or 2001:db8::/32`);
  }
  return { network: maskBytes(address, bits), prefixBits: bits };
}

/** `NETWORK/BITS`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.network)}/${cidr.prefixBits}`;
}

/** Whether an address (4 or 16 bytes) lies in the block; never across families. */
export function cidrContains(cidr: Cidr, address: Uint8Array): boolean {
  const { network, prefixBits } = cidr;
  if (address.length !== network.length) return false;
  const wholeBytes = prefixBits >> 3;
  for (let i = 0; i < wholeBytes; i++) if (address[i] !== network[i]) return false;
  const restBits = prefixBits & 7;
  return restBits === 0 || (address[wholeBytes] ^ network[wholeBytes]) >> (8 - restBits) === 0;
}

function maskBytes(address: Uint8Array, bits: number): Uint8Array {
  return address.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
}
