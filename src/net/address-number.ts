// Addresses as 128-bit numbers, so that a database can compare them and find a block as one range.
// An IPv4 address is the number of its IPv4-mapped form (RFC 4291, section 2.5.5.2).
import { formatAddress } from './address.ts';
import type { Cidr } from './cidr.ts';

/** First and last number of all IPv4 addresses: ::ffff:0:0/96. */
export const IPV4_NUMBERS: NumberRange = { first: 0xffff_0000_0000n, last: 0xffff_ffff_ffffn };

export interface NumberRange {
  first: bigint;
  /** inclusive */
  last: bigint;
}

/** Number of an address of 4 or 16 bytes. */
export function addressNumber(address: Uint8Array): bigint {
  let number = address.length === 4 ? 0xffffn : 0n;
  for (const byte of address) number = (number << 8n) | BigInt(byte);
  return number;
}

/** Text of the address with this number; IPv4-mapped ones are written as IPv4. */
export function formatAddressNumber(number: bigint): string {
  const isIpv4 = number >= IPV4_NUMBERS.first && number <= IPV4_NUMBERS.last;
  const bytes = new Uint8Array(isIpv4 ? 4 : 16);
  for (let i = bytes.length - 1; i >= 0; i--, number >>= 8n) bytes[i] = Number(number & 0xffn);
  return formatAddress(bytes);
}

/** The two halves of an address number: databases compare 64 bits some hundred times faster than 128. */
export function halvesOf(number: bigint): { high: bigint; low: bigint } {
  return { high: number >> 64n, low: BigInt.asUintN(64, number) };
}

/** The number that has these halves. */
export const numberOfHalves = (high: bigint, low: bigint): bigint => (high << 64n) | low;

/** The numbers of a block. That of an IPv6 block may span all IPv4 addresses (`::/0`): see {@link spansIpv4}. */
export function cidrNumbers(cidr: Cidr): NumberRange {
  const first = addressNumber(cidr.network);
  return { first, last: first | ((1n << BigInt(cidr.network.length * 8 - cidr.prefixBits)) - 1n) };
}

/** Whether a block's range holds the IPv4 addresses though it is an IPv6 block: they are to be left out. */
export function spansIpv4(cidr: Cidr): boolean {
  const { first, last } = cidrNumbers(cidr);
  return cidr.network.length === 16 && cidr.prefixBits < 96 && first <= IPV4_NUMBERS.first && last >= IPV4_NUMBERS.last;
}
