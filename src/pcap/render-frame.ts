// Ethernet frames made from nothing, IPv4 with right checksums: for the built-in test capture and for tests.
import { parseAddress } from '../net/address.ts';
import { checksum } from '../net/checksum.ts';
import { TCP, UDP } from '../net/protocol-number.ts';

export interface FrameEnds {
  /** IPv4 addresses as text */
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
}

/** TCP flags, RFC 9293 section 3.1. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** A UDP datagram in a frame. */
export function renderUdpFrame(ends: FrameEnds, payload: Uint8Array): Buffer {
  const segment = Buffer.alloc(8 + payload.length);
  segment.writeUInt16BE(ends.srcPort, 0);
  segment.writeUInt16BE(ends.dstPort, 2);
  segment.writeUInt16BE(segment.length, 4);
  segment.set(payload, 8);
  // RFC 768: a sum of zero is sent as all ones
  segment.writeUInt16BE(transportChecksum(ends, UDP, segment) || 0xffff, 6);
  return renderFrame(ends, UDP, segment);
}

/** A TCP segment in a frame. */
export function renderTcpFrame(
  ends: FrameEnds,
  segment: { seq: number; ack: number; flags: number; payload?: Uint8Array },
): Buffer {
  const payload = segment.payload ?? new Uint8Array(0);
  const bytes = Buffer.alloc(20 + payload.length);
  bytes.writeUInt16BE(ends.srcPort, 0);
  bytes.writeUInt16BE(ends.dstPort, 2);
  bytes.writeUInt32BE(segment.seq >>> 0, 4);
  bytes.writeUInt32BE(segment.ack >>> 0, 8);
  bytes[12] = 5 << 4;
  bytes[13] = segment.flags;
  bytes.writeUInt16BE(65_535, 14);
  bytes.set(payload, 20);
  bytes.writeUInt16BE(transportChecksum(ends, TCP, bytes), 16);
  return renderFrame(ends, TCP, bytes);
}

function renderFrame(ends: FrameEnds, proto: number, body: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + body.length, 2);
  header.writeUInt16BE(0x4000, 6);
  header[8] = 64;
  header[9] = proto;
  header.set(parseAddress(ends.src), 12);
  header.set(parseAddress(ends.dst), 16);
  header.writeUInt16BE(checksum(header), 10);
  // locally administered MAC addresses that end like the IP addresses
  const mac = (address: string) => Buffer.from([0x02, 0, ...parseAddress(address)]);
  return Buffer.concat([mac(ends.dst), mac(ends.src), Buffer.from([0x08, 0x00]), header, body]);
}

function transportChecksum(ends: FrameEnds, proto: number, segment: Buffer): number {
  const pseudo = Buffer.alloc(12);
  pseudo.set(parseAddress(ends.src), 0);
  pseudo.set(parseAddress(ends.dst), 4);
  pseudo[9] = proto;
  pseudo.writeUInt16BE(segment.length, 10);
  return checksum(Buffer.concat([pseudo, segment]));
}
