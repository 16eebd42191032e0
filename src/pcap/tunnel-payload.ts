// Where the packet inside a packet begins: tunnels over IP, and what an ICMP error quotes. Only looks at fixed places,
// so that traffic without tunnels pays a few comparisons.
import {
  findByEtherType,
  found,
  foundPlace,
  INNER_ETHERNET,
  INNER_IP,
  NOT_FOUND,
  requireIp,
  skipLabels,
  skipPpp,
  word,
} from './inner-packet.ts';
import { findInUdp } from './udp-tunnel.ts';

/** Whether IP packets of this protocol carry another packet: IP in IP, 6in4, GRE, MPLS in IP. */
export function isTunnelProtocol(proto: number): boolean {
  return proto === 4 || proto === 41 || proto === 47 || proto === 137;
}

/** Whether an ICMP message of this type quotes the packet that it is about: RFC 792, RFC 4443. */
export function isIcmpError(proto: number, type: number): boolean {
  return proto === 1 ? type === 3 || type === 11 || type === 12 || type === 4 || type === 5 : type >= 1 && type <= 4;
}

/**
 * The packet that a tunnel's packet carries.
 * @param proto of the outer IP header; 17 for UDP to or from a tunnel's port.
 * @param at where the outer transport header begins.
 * @returns its place as inner-packet.ts has them, or NOT_FOUND where there is none (to be seen).
 */
export function findInnerPacket(u8: Uint8Array, proto: number, at: number, end: number): number {
  if (proto === 17) return findInUdp(u8, at, end);
  if (proto === 47) return findInGre(u8, at, end);
  if (proto === 137) return skipLabels(u8, at, end);
  return found(at, INNER_IP);
}

/** GRE (RFC 2784 and 2890), with IP in it, Ethernet (NVGRE, RFC 7637; ERSPAN), labels or PPP. */
function findInGre(u8: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return NOT_FOUND;
  const flags = u8[at];
  const version = u8[at + 1] & 7;
  if (version === 1) return findInPptp(u8, at, end);
  if (version !== 0 || (flags & 0x40) !== 0) return NOT_FOUND; // 0x40: a list of hops, which RFC 2784 did away with
  const body = at + 4 + ((flags & 0x80) >> 5) + ((flags & 0x20) >> 3) + ((flags & 0x10) >> 2);
  const type = word(u8, at + 2);
  if (type === 0x88be || type === 0x22eb) return findInErspan(u8, body, end, (flags & 0x10) !== 0);
  return findByEtherType(u8, type, body, end);
}

/**
 * A mirrored frame: type I has no header of its own and no sequence numbers, II and III have (draft-foschiano-erspan).
 * @param numbered whether GRE's header has a sequence number
 */
function findInErspan(u8: Uint8Array, at: number, end: number, numbered: boolean): number {
  if (!numbered) return found(at, INNER_ETHERNET);
  if (at + 12 > end) return NOT_FOUND;
  const version = u8[at] >> 4;
  if (version === 1) return found(at + 8, INNER_ETHERNET);
  const isIp = ((u8[at + 10] >> 2) & 0x1f) === 2;
  const headerBytes = (u8[at + 11] & 1) === 0 ? 12 : 20;
  return version === 2 ? found(at + headerBytes, isIp ? INNER_IP : INNER_ETHERNET) : NOT_FOUND;
}

/** Enhanced GRE with PPP in it (RFC 2637, 4.1); without a sequence number it only acknowledges. */
function findInPptp(u8: Uint8Array, at: number, end: number): number {
  const flags = u8[at];
  const acknowledges = (u8[at + 1] & 0x80) !== 0;
  if (at + 12 > end || flags !== 0x30 || (u8[at + 1] & 0x78) !== 0 || word(u8, at + 2) !== 0x880b) return NOT_FOUND;
  const body = at + 12 + (acknowledges ? 4 : 0);
  const inner = skipPpp(u8, body, end);
  return requireIp(u8, inner, end, word(u8, at + 4) - (foundPlace(inner) - body));
}
