// Past the headers of links other than Ethernet; numbers from https://www.tcpdump.org/linktypes.html.
import { found, INNER_ETHERTYPE, INNER_IP, NOT_FOUND, skipPpp } from './inner-packet.ts';

/**
 * What a frame carries.
 * @returns its place as inner-packet.ts has them, or NOT_FOUND where the link type is not known, or there is nothing
 */
export function skipLinkHeader(u8: Uint8Array, at: number, end: number, linkType: number): number {
  switch (linkType) {
    case 12: // raw IP, by its values in BSD, OpenBSD, and files
    case 14:
    case 101:
    case 228:
    case 229:
      return found(at, INNER_IP);
    case 0: // BSD loopback: an address family in the capturing machine's order
    case 108:
      return found(at + 4, INNER_IP);
    case 9:
      return skipPpp(u8, at, end);
    case 104: // Cisco HDLC
      return found(at + 2, INNER_ETHERTYPE);
    case 113: // Linux cooked
      return found(at + 14, INNER_ETHERTYPE);
    case 105:
      return skipWireless(u8, at, end);
    case 127: // radiotap before it: version 0, its length little-endian
      return at + 4 <= end && u8[at] === 0 ? skipWireless(u8, at + (u8[at + 2] | (u8[at + 3] << 8)), end) : NOT_FOUND;
    case 239:
      return findInNflog(u8, at, end);
    default:
      return NOT_FOUND;
  }
}

/** IEEE 802.11: a data frame that is neither encrypted nor several in one, with an EtherType behind LLC and SNAP. */
function skipWireless(u8: Uint8Array, at: number, end: number): number {
  if (at + 32 > end) return NOT_FOUND;
  const [control, flags] = [u8[at], u8[at + 1]];
  const isData = (control & 0x4f) === 0x08; // the version is 0, and there is a body
  if (!isData || (flags & 0x40) !== 0) return NOT_FOUND;
  let body = at + ((flags & 3) === 3 ? 30 : 24);
  if ((control & 0x80) !== 0) {
    if ((u8[body] & 0x80) !== 0) return NOT_FOUND;
    body += (flags & 0x80) !== 0 ? 6 : 2;
  }
  const isSnap = body + 8 <= end && u8[body] === 0xaa && u8[body + 1] === 0xaa && u8[body + 2] === 3;
  return isSnap ? found(body + 6, INNER_ETHERTYPE) : NOT_FOUND;
}

/** Linux's netfilter log: the packet is one of its values, each of which has length and type, little-endian. */
function findInNflog(u8: Uint8Array, at: number, end: number): number {
  for (let value = at + 4; value + 4 <= end; ) {
    const bytes = u8[value] | (u8[value + 1] << 8);
    if (bytes < 4) return NOT_FOUND;
    if ((u8[value + 2] | (u8[value + 3] << 8)) === 9) return found(value + 4, INNER_IP);
    value += (bytes + 3) & ~3;
  }
  return NOT_FOUND;
}
