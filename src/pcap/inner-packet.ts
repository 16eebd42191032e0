// Where a packet begins that lies behind some header, as one number: looking for it makes no object for each packet.
// Only looks at fixed places, or walks forward to the end: the time that any bytes take is bounded by their number.

/** What begins at the place that was found. */
export const INNER_IP = 0;
export const INNER_ETHERNET = 1;
/** an EtherType, and behind it what it names */
export const INNER_ETHERTYPE = 2;

export const NOT_FOUND = -1;

/** A place and what begins there. */
export function found(at: number, kind: number): number {
  return at * 4 + kind;
}

export function foundPlace(place: number): number {
  return Math.floor(place / 4);
}

export function foundKind(place: number): number {
  return place & 3;
}

/** The big-endian number at `at`. */
export function word(u8: Uint8Array, at: number): number {
  return (u8[at] << 8) | u8[at + 1];
}

/** What an EtherType names, where that is a packet or leads to one. */
export function findByEtherType(u8: Uint8Array, type: number, at: number, end: number): number {
  if (type === 0x0800 || type === 0x86dd) return found(at, INNER_IP);
  if (type === 0x6558) return found(at, INNER_ETHERNET);
  if (type === 0x8847 || type === 0x8848) return skipLabels(u8, at, end);
  if (type === 0x894f) return skipServiceHeader(u8, at, end);
  return type === 0x880b ? skipPpp(u8, at, end) : NOT_FOUND;
}

/** Past MPLS labels (RFC 3032) to what they carry: IP, or Ethernet behind a control word (RFC 4448). */
export function skipLabels(u8: Uint8Array, at: number, end: number): number {
  for (let label = at; label + 5 <= end; label += 4) {
    if ((u8[label + 2] & 1) === 0) continue;
    const nibble = u8[label + 4] >> 4;
    if (nibble === 4 || nibble === 6) return found(label + 4, INNER_IP);
    return nibble === 0 ? found(label + 8, INNER_ETHERNET) : NOT_FOUND;
  }
  return NOT_FOUND;
}

/** Past a network service header (RFC 8300). */
export function skipServiceHeader(u8: Uint8Array, at: number, end: number): number {
  if (at + 8 > end || u8[at] >> 6 !== 0) return NOT_FOUND;
  const bytes = (u8[at + 1] & 0x3f) << 2;
  return bytes < 8 || u8[at + 3] === 4 ? NOT_FOUND : findByNextProtocol(u8, u8[at + 3], at + bytes, end);
}

/** The numbers that NSH (RFC 8300, 2.2) and VXLAN-GPE share. */
export function findByNextProtocol(u8: Uint8Array, protocol: number, at: number, end: number): number {
  if (protocol === 1 || protocol === 2) return found(at, INNER_IP);
  if (protocol === 3) return found(at, INNER_ETHERNET);
  if (protocol === 4) return skipServiceHeader(u8, at, end);
  return protocol === 5 ? skipLabels(u8, at, end) : NOT_FOUND;
}

/** Past PPP's header (RFC 1661, 1662): its address and control bytes, and the first byte of its protocol, may be missing. */
export function skipPpp(u8: Uint8Array, at: number, end: number): number {
  const protocolAt = at + 2 <= end && u8[at] === 0xff && u8[at + 1] === 3 ? at + 2 : at;
  if (protocolAt + 3 > end) return NOT_FOUND;
  const compressed = (u8[protocolAt] & 1) === 1;
  const protocol = compressed ? u8[protocolAt] : word(u8, protocolAt);
  const body = protocolAt + (compressed ? 1 : 2);
  if (protocol === 0x21 || protocol === 0x57) return found(body, INNER_IP);
  return protocol === 0x281 ? skipLabels(u8, body, end) : NOT_FOUND;
}

/**
 * The place, where an IP packet begins there whose header is whole and whose length fits in what carries it: for what
 * a port number alone does not prove.
 * @param roomBytes that the carrier says it has left at that place; more than were captured, perhaps
 */
export function requireIp(u8: Uint8Array, place: number, end: number, roomBytes: number): number {
  const at = foundPlace(place);
  if (place === NOT_FOUND || foundKind(place) !== INNER_IP || at + 20 > end) return NOT_FOUND;
  const version = u8[at] >> 4;
  if (version === 6) return at + 40 <= end && 40 + word(u8, at + 4) <= roomBytes ? place : NOT_FOUND;
  const headerBytes = (u8[at] & 15) << 2;
  const bytes = word(u8, at + 2);
  return version === 4 && headerBytes >= 20 && headerBytes <= bytes && bytes <= roomBytes ? place : NOT_FOUND;
}
