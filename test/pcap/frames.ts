// Frames for tests: Ethernet with VLAN tags, IPv4, IPv6 with extension headers, TCP, UDP, ICMP, ARP.
import { parseAddress } from '../../src/net/address.ts';

export interface FrameParts {
  src: string;
  dst: string;
  proto: number;
  srcPort?: number;
  dstPort?: number;
  vlans?: readonly number[];
  /** fragment offset in units of 8 bytes; 0x2000: more fragments follow */
  fragment?: number;
  /** of the datagram */
  identification?: number;
  /** IPv6: a hop-by-hop header before the transport */
  extension?: boolean;
  payload?: Uint8Array;
  /** ICMP type and code */
  icmp?: readonly [number, number];
  flags?: number;
  seq?: number;
}

/** An Ethernet frame around an IP packet. */
export function frame(parts: FrameParts): Buffer {
  const v6 = parts.src.includes(':');
  return ethernet(v6 ? 0x86dd : 0x0800, v6 ? ipv6(parts) : ipv4(parts), parts.vlans);
}

export function ethernet(etherType: number, body: Uint8Array, vlans: readonly number[] = []): Buffer {
  const tags = vlans.map((id, i) => be16(i === 0 && vlans.length > 1 ? 0x88a8 : 0x8100, id));
  return Buffer.concat([Buffer.from('0200000000010200000000' + '02', 'hex'), ...tags, be16(etherType), body]);
}

export function arp(src: string, dst: string): Buffer {
  const body = Buffer.concat([
    be16(1, 0x0800, 0x0604, 1),
    Buffer.alloc(6, 2),
    parseAddress(src),
    Buffer.alloc(6),
    parseAddress(dst),
  ]);
  return ethernet(0x0806, body);
}

export function ipv4(parts: FrameParts): Buffer {
  const body = transport(parts);
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + body.length, 2);
  header.writeUInt16BE(parts.identification ?? 0, 4);
  header.writeUInt16BE(parts.fragment ?? 0, 6);
  header[8] = 64;
  header[9] = parts.proto;
  header.set(parseAddress(parts.src), 12);
  header.set(parseAddress(parts.dst), 16);
  return Buffer.concat([header, body]);
}

function ipv6(parts: FrameParts): Buffer {
  let body = transport(parts);
  let next = parts.proto;
  if (parts.fragment !== undefined) {
    body = Buffer.concat([
      Uint8Array.of(next, 0),
      be16((parts.fragment << 3) | (parts.fragment >> 13), 0, parts.identification ?? 1),
      body,
    ]);
    next = 44;
  }
  if (parts.extension) {
    body = Buffer.concat([Uint8Array.of(next, 0, 1, 4, 0, 0, 0, 0), body]);
    next = 0;
  }
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(body.length, 4);
  header[6] = next;
  header[7] = 64;
  header.set(parseAddress(parts.src), 8);
  header.set(parseAddress(parts.dst), 24);
  return Buffer.concat([header, body]);
}

function transport(parts: FrameParts): Buffer {
  const payload = Buffer.from(parts.payload ?? new Uint8Array(8));
  if (((parts.fragment ?? 0) & 0x1fff) !== 0) return payload;
  const ports = be16(parts.srcPort ?? 0, parts.dstPort ?? 0);
  if (parts.proto === 6) {
    const rest = Buffer.alloc(16);
    rest.writeUInt32BE(parts.seq ?? 0, 0);
    rest[8] = 0x50;
    rest[9] = parts.flags ?? 0x18;
    return Buffer.concat([ports, rest, payload]);
  }
  if (parts.proto === 17) return Buffer.concat([ports, be16(8 + payload.length, 0), payload]);
  if (parts.proto === 132) return Buffer.concat([ports, Buffer.alloc(8), payload]);
  if (parts.icmp) return Buffer.concat([Uint8Array.from(parts.icmp), Buffer.alloc(6), payload]);
  return payload;
}

export function be16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, i * 2);
  return bytes;
}

/** IP's protocol number of each tunnel, or the UDP port that it goes to. */
const TUNNELS = {
  gre: 47,
  'gre-key': 47,
  ipip: 4,
  erspan: 47,
  'erspan-3': 47,
  'erspan-3-ip': 47,
  'mpls-gre': 47,
  pptp: 47,
  'pptp-acknowledging': 47,
  vxlan: 4789,
  'vxlan-gpe': 4790,
  geneve: 6081,
  gtp: 2152,
  'gtp-extended': 2152,
  l2tp: 1701,
  'l2tp-padded': 1701,
} as const;
export type Tunnel = keyof typeof TUNNELS;
export const ALL_TUNNELS = Object.keys(TUNNELS) as Tunnel[];

/** A frame whose IP packet carries another: with Ethernet around it where the tunnel wants that. IPv4 inside. */
export function tunnelled(tunnel: Tunnel, outer: { src: string; dst: string }, inner: FrameParts): Buffer {
  const number = TUNNELS[tunnel];
  const ports = number > 255 ? { proto: 17, srcPort: 40_000, dstPort: number } : { proto: number };
  return frame({ ...outer, ...ports, payload: tunnelPayload(tunnel, ipv4(inner), frame(inner)) });
}

/** What a tunnel puts around a packet. @param whole the same with Ethernet around it */
export function tunnelPayload(tunnel: Tunnel, packet: Buffer, whole: Buffer): Buffer {
  const long = packet.length;
  switch (tunnel) {
    case 'gre':
      return Buffer.concat([be16(0, 0x0800), packet]);
    case 'gre-key':
      return Buffer.concat([be16(0x3000, 0x6558, 0, 7, 0, 1), whole]);
    case 'ipip':
      return packet;
    case 'erspan':
      return Buffer.concat([be16(0x1000, 0x88be, 0, 1, 0x1000, 0, 0, 0), whole]);
    case 'erspan-3':
      return Buffer.concat([be16(0x1000, 0x22eb, 0, 1, 0x2000, 7, 0, 0, 0, 1, 0, 0, 0, 0), whole]);
    case 'erspan-3-ip':
      return Buffer.concat([be16(0x1000, 0x22eb, 0, 1, 0x2000, 7, 0, 0, 0, 0x0800), packet]);
    case 'mpls-gre':
      return Buffer.concat([be16(0, 0x8847, 0x0001, 0x0040, 0x0002, 0x0140), packet]);
    case 'pptp': // with PPP's address and control, and its protocol in one byte: an odd place
      return Buffer.concat([be16(0x3001, 0x880b, long + 3, 7, 0, 1), Buffer.from('ff0321', 'hex'), packet]);
    case 'pptp-acknowledging':
      return Buffer.concat([be16(0x3081, 0x880b, long + 2, 7, 0, 1, 0, 9, 0x0021), packet]);
    case 'vxlan':
      return Buffer.concat([be16(0x0800, 0, 0, 0x0700), whole]);
    case 'vxlan-gpe':
      return Buffer.concat([be16(0x0c00, 1, 0, 0x0700), packet]);
    case 'geneve':
      return Buffer.concat([be16(0x0100, 0x6558, 0, 0x0700, 0, 0), whole]);
    case 'gtp':
      return Buffer.concat([be16(0x30ff, long, 0, 7), packet]);
    case 'gtp-extended': // a sequence number, and two extension headers of 4 and 8 bytes
      return Buffer.concat([be16(0x36ff, long + 16, 0, 7, 1, 0x0085, 0x0100, 0x0140, 0x0200, 0, 0, 0), packet]);
    case 'l2tp':
      return Buffer.concat([be16(0x0002, 5, 6, 0xff03, 0x0021), packet]);
    case 'l2tp-padded': // with length, sequence numbers and a byte of padding, and PPP in one byte
      return Buffer.concat([be16(0x4a02, long + 16, 5, 6, 1, 2, 1), Buffer.from('0021', 'hex'), packet]);
  }
}

/** IPv6 in UDP, behind an authentication header with these hex digits, if any, and an origin. */
export function teredo(outer: FrameParts, inner: FrameParts, secret = ''): Buffer {
  const proof = secret === '' ? '' : `00010${secret.length / 2}00${secret}${'00'.repeat(9)}`;
  const origin = '0000ee4c3f5fd0c8';
  const payload = Buffer.concat([Buffer.from(proof + origin, 'hex'), frame(inner).subarray(14)]);
  return frame({ ...outer, proto: 17, payload });
}

/** An ICMP error (destination unreachable) about a packet. */
export function icmpError(from: string, about: FrameParts): Buffer {
  const payload = about.src.includes(':') ? frame(about).subarray(14) : ipv4(about);
  const v6 = about.src.includes(':');
  return frame({ src: from, dst: about.src, proto: v6 ? 58 : 1, icmp: v6 ? [1, 4] : [3, 3], payload });
}

/** A frame behind MPLS labels, or in a PPPoE session. */
export function labelled(parts: FrameParts): Buffer {
  return ethernet(
    0x8847,
    Buffer.concat([be16(0x0001, 0x0040, 0x0002, 0x0140), frame(parts).subarray(14)]),
    parts.vlans,
  );
}

export function pppoe(parts: FrameParts): Buffer {
  const packet = frame({ ...parts, vlans: [] }).subarray(14);
  const protocol = parts.src.includes(':') ? 0x0057 : 0x0021;
  return ethernet(0x8864, Buffer.concat([be16(0x1100, 1, packet.length + 2, protocol), packet]), parts.vlans);
}
