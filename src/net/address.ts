// IP addresses between text and bytes (4 or 16 of them, network order). No names are looked up here.
import { MssError } from '../errors.ts';

/**
 * Parses an IPv4 or IPv6 address.
 * @returns 4 or 16 bytes, or undefined where the text is no address. A zone (`%eth0`) is no part of an address.
 */
export function parseAddressOrNothing(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Parses an IPv4 or IPv6 address to 4 or 16 bytes. Throws `network` for anything else. */
export function parseAddress(text: string): Uint8Array {
  const bytes = parseAddressOrNothing(text);
  if (bytes === undefined) {
    throw new MssError('network', `"${text}" is not an IP address; write it like 192.0.2.7 or 2001:db8::7`);
  }
  return bytes;
}

/** The one spelling of an address: dotted decimal, or RFC 5952 for IPv6. Takes 4 or 16 bytes. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  if (bytes.length !== 16) throw new MssError('network', `an address has 4 or 16 bytes, not ${bytes.length}`);
  return formatIpv6(bytes);
}

/** Any spelling of an address to its one spelling, so that texts can be compared. Throws `network`. */
export function canonicalAddress(text: string): string {
  return formatAddress(parseAddress(text));
}

/** Byte-wise order: negative, zero or positive; a shorter (IPv4) address comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

const DOT = 46;
const ZERO = 48;

function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let part = 0;
  let value = 0;
  let digits = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : DOT;
    if (code === DOT) {
      if (digits === 0 || part === 4) return undefined;
      bytes[part++] = value;
      value = digits = 0;
      continue;
    }
    const digit = code - ZERO;
    // no leading zeros: inet_aton would read them as octal, a person as decimal
    if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return undefined;
    value = value * 10 + digit;
    digits++;
    if (value > 255) return undefined;
  }
  return part === 4 ? bytes : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    // the last 32 bits may be written as IPv4 (RFC 4291, section 2.2)
    const dotted = last && i === groups.length - 1 ? parseIpv4(group) : undefined;
    if (dotted === undefined) return undefined;
    bytes.push(...dotted);
  }
  return bytes;
}

function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i] << 8) | bytes[i + 1]);
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatAddress(bytes.subarray(12))}`; // RFC 5952, section 5
  }
  const run = longestZeroRun(groups);
  const hex = groups.map((g) => g.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
  }
  return best;
}
