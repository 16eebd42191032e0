// Packets in UDP: known by a port, and proved by the tunnel's own header, since anybody may use any port.
import {
  findByEtherType,
  findByNextProtocol,
  found,
  foundPlace,
  INNER_ETHERNET,
  INNER_IP,
  NOT_FOUND,
  requireIp,
  skipPpp,
  word,
} from './inner-packet.ts';

// ports as their bytes lie in the packet, read as a little-endian 16-bit number
const VXLAN = 0xb512; // 4789, RFC 7348
const VXLAN_OF_LINUX = 0x1821; // 8472, older Linux and Flannel
const VXLAN_GPE = 0xb612; // 4790, draft-ietf-nvo3-vxlan-gpe
const GENEVE = 0xc117; // 6081, RFC 8926
const GTP_U = 0x6808; // 2152, 3GPP TS 29.281
const TEREDO = 0xd80d; // 3544, RFC 4380
const L2TP = 0xa506; // 1701, RFC 2661

/** Whether a UDP packet with these ports (bytes as they lie, little-endian) may be a tunnel's. */
export function isTunnelPort(src: number, dst: number): boolean {
  return (
    dst === VXLAN ||
    dst === GTP_U ||
    dst === GENEVE ||
    dst === VXLAN_OF_LINUX ||
    dst === VXLAN_GPE ||
    dst === TEREDO ||
    src === TEREDO ||
    dst === L2TP ||
    src === L2TP // servers of these two answer to whatever port they were asked from
  );
}

/** What a UDP packet of such a port carries. @param at where its UDP header begins */
export function findInUdp(u8: Uint8Array, at: number, end: number): number {
  const body = at + 8;
  if (body + 8 > end) return NOT_FOUND;
  const saidBytes = word(u8, at + 4);
  // 0: a datagram larger than the field can say (RFC 2675), or one that the NIC cuts up
  const roomBytes = saidBytes === 0 ? end - body : saidBytes - 8;
  const [src, dst] = [u8[at] | (u8[at + 1] << 8), u8[at + 2] | (u8[at + 3] << 8)];
  switch (dst) {
    case VXLAN:
    case VXLAN_OF_LINUX:
      // the flag that says that its number is valid; without it something else uses the port
      return (u8[body] & 0x08) !== 0 ? found(body + 8, INNER_ETHERNET) : NOT_FOUND;
    case VXLAN_GPE:
      return (u8[body] & 0x38) === 0x08 ? findByNextProtocol(u8, u8[body + 3], body + 8, end) : NOT_FOUND;
    case GENEVE:
      if (u8[body] >> 6 !== 0) return NOT_FOUND; // another version
      return findByEtherType(u8, word(u8, body + 2), body + 8 + ((u8[body] & 0x3f) << 2), end);
    case GTP_U:
      return findInGtp(u8, body, end, roomBytes);
  }
  if (dst === TEREDO || src === TEREDO) return findInTeredo(u8, body, end, roomBytes);
  return dst === L2TP || src === L2TP ? findInL2tp(u8, body, end, roomBytes) : NOT_FOUND;
}

/** A subscriber's packet (T-PDU) between base station and core, behind optional fields and extension headers (5.1, 5.2). */
function findInGtp(u8: Uint8Array, at: number, end: number, roomBytes: number): number {
  const flags = u8[at];
  const bytes = 8 + word(u8, at + 2);
  if ((flags & 0xf0) !== 0x30 || u8[at + 1] !== 255 || bytes > roomBytes) return NOT_FOUND;
  let body = at + 8;
  if ((flags & 7) !== 0) {
    if (body + 4 > end) return NOT_FOUND;
    let next = (flags & 4) !== 0 ? u8[body + 3] : 0;
    body += 4;
    while (next !== 0) {
      if (body >= end || u8[body] === 0 || body + u8[body] * 4 > end) return NOT_FOUND;
      body += u8[body] * 4;
      next = u8[body - 1];
    }
  }
  return requireIp(u8, found(body, INNER_IP), end, bytes - (body - at));
}

/** IPv6 behind an authentication header and an origin, each of which may be missing (5.1.1). */
function findInTeredo(u8: Uint8Array, at: number, end: number, roomBytes: number): number {
  let body = at;
  if (word(u8, body) === 1) body += 13 + u8[body + 2] + u8[body + 3];
  if (body + 8 <= end && word(u8, body) === 0) body += 8;
  const inner = requireIp(u8, found(body, INNER_IP), end, roomBytes - (body - at));
  // one end of all that Teredo carries is its own client, or has the address of a link
  return inner !== NOT_FOUND && u8[body] >> 4 === 6 && (isTeredoEnd(u8, body + 8) || isTeredoEnd(u8, body + 24))
    ? inner
    : NOT_FOUND;
}

function isTeredoEnd(u8: Uint8Array, at: number): boolean {
  const first = word(u8, at);
  return (first === 0x2001 && word(u8, at + 2) === 0) || first === 0xfe80;
}

/** PPP in a data message of version 2 (3.1, 5.1). */
function findInL2tp(u8: Uint8Array, at: number, end: number, roomBytes: number): number {
  const flags = u8[at];
  // a control message, bits that must be 0, another version
  if ((flags & 0xb4) !== 0 || u8[at + 1] !== 2) return NOT_FOUND;
  const hasLength = (flags & 0x40) !== 0;
  const bytes = hasLength ? word(u8, at + 2) : roomBytes;
  const ids = at + (hasLength ? 4 : 2);
  let body = ids + 4 + ((flags & 0x08) !== 0 ? 4 : 0);
  if (bytes > roomBytes || body + 2 > end || word(u8, ids) === 0 || word(u8, ids + 2) === 0) return NOT_FOUND;
  if ((flags & 0x02) !== 0) body += 2 + word(u8, body);
  const inner = skipPpp(u8, body, end);
  return requireIp(u8, inner, end, bytes - (foundPlace(inner) - at));
}
