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

export type Tunnel = 'gre' | 'gre-key' | 'ipip' | 'vxlan' | 'geneve' | 'erspan' | 'mpls-gre';

const IP_PROTO: Record<Tunnel, number> = {
  gre: 47,
  'gre-key': 47,
  ipip: 4,
  vxlan: 17,
  geneve: 17,
  erspan: 47,
  'mpls-gre': 47,
};

/** A frame whose IP packet carries another: with Ethernet around it where the tunnel wants that. IPv4 inside. */
export function tunnelled(tunnel: Tunnel, outer: { src: string; dst: string }, inner: FrameParts): Buffer {
  const [packet, whole] = [ipv4(inner), frame(inner)];
  const payload = {
    gre: () => Buffer.concat([be16(0, 0x0800), packet]),
    'gre-key': () => Buffer.concat([be16(0x3000, 0x6558, 0, 7, 0, 1), whole]),
    ipip: () => packet,
    vxlan: () => Buffer.concat([be16(0x0800, 0, 0, 0x0700), whole]),
    geneve: () => Buffer.concat([be16(0x0100, 0x6558, 0, 0x0700, 0, 0), whole]),
    erspan: () => Buffer.concat([be16(0x1000, 0x88be, 0, 1, 0x1000, 0, 0, 0), whole]),
    'mpls-gre': () => Buffer.concat([be16(0, 0x8847, 0x0001, 0x0040, 0x0002, 0x0140), packet]),
  }[tunnel]();
  const ports = tunnel === 'vxlan' ? { dstPort: 4789 } : tunnel === 'geneve' ? { dstPort: 6081 } : {};
  return frame({ ...outer, proto: IP_PROTO[tunnel], srcPort: 40_000, ...ports, payload });
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
