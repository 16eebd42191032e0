// Where the packet inside a packet begins: tunnels over IP, and what an ICMP error quotes. Only looks at fixed places,
// so that traffic without tunnels pays two comparisons.

/** What begins at the offset that is returned. */
export const INNER_IP = 0;
export const INNER_ETHERNET = 1;

// destination ports as their bytes lie in the packet, read as a little-endian 16-bit number
const VXLAN = 0xb512; // 4789, RFC 7348
const VXLAN_OF_LINUX = 0x1821; // 8472, older Linux and Flannel
const GENEVE = 0xc117; // 6081, RFC 8926

/** Whether a UDP destination port (bytes as they lie, little-endian) may be a tunnel's. */
export function isTunnelPort(port: number): boolean {
  return port === VXLAN || port === GENEVE || port === VXLAN_OF_LINUX;
}

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
 * @param proto of the outer IP header; 17 for UDP to a tunnel's port.
 * @param at where the outer transport header begins, an even offset.
 * @returns twice its offset plus INNER_IP or INNER_ETHERNET, or -1 where there is none (to be seen).
 */
export function findInnerPacket(u8: Uint8Array, proto: number, at: number, end: number): number {
  if (proto === 47) return findInGre(u8, at, end);
  if (proto === 137) return skipLabels(u8, at, end);
  if (proto !== 17) return at * 2 + INNER_IP;
  if (at + 16 > end) return -1;
  if (u8[at + 2] !== 0x17) {
    // VXLAN: the flag that says that its number is valid; without it something else uses the port
    return (u8[at + 8] & 0x08) !== 0 ? (at + 16) * 2 + INNER_ETHERNET : -1;
  }
  if (u8[at + 8] >> 6 !== 0) return -1; // Geneve of another version
  return byEtherType(u8, word(u8, at + 10), at + 16 + ((u8[at + 8] & 0x3f) << 2), end);
}

/** Past MPLS labels (RFC 3032) to what they carry: IP, or Ethernet behind a control word (RFC 4448). As above. */
export function skipLabels(u8: Uint8Array, at: number, end: number): number {
  for (let label = at; label + 5 <= end; label += 4) {
    if ((u8[label + 2] & 1) === 0) continue;
    const nibble = u8[label + 4] >> 4;
    if (nibble === 4 || nibble === 6) return (label + 4) * 2 + INNER_IP;
    return nibble === 0 ? (label + 8) * 2 + INNER_ETHERNET : -1;
  }
  return -1;
}

/** GRE (RFC 2784 and 2890), with Ethernet in it (NVGRE, ERSPAN) or IP. */
function findInGre(u8: Uint8Array, at: number, end: number): number {
  if (at + 4 > end || (u8[at + 1] & 7) !== 0) return -1; // another version: PPTP, with PPP in it
  const flags = u8[at];
  const body = at + 4 + ((flags & 0x80) >> 5) + ((flags & 0x20) >> 3) + ((flags & 0x10) >> 2);
  const type = word(u8, at + 2);
  // ERSPAN: type I has no header of its own and no sequence numbers, II and III have
  if (type === 0x88be) return (body + ((flags & 0x10) === 0 ? 0 : 8)) * 2 + INNER_ETHERNET;
  if (type === 0x22eb) return (body + (body + 12 <= end && (u8[body + 11] & 1) !== 0 ? 20 : 12)) * 2 + INNER_ETHERNET;
  return byEtherType(u8, type, body, end);
}

function byEtherType(u8: Uint8Array, type: number, at: number, end: number): number {
  if (type === 0x0800 || type === 0x86dd) return at * 2 + INNER_IP;
  if (type === 0x6558) return at * 2 + INNER_ETHERNET;
  return type === 0x8847 || type === 0x8848 ? skipLabels(u8, at, end) : -1;
}

function word(u8: Uint8Array, at: number): number {
  return (u8[at] << 8) | u8[at + 1];
}
