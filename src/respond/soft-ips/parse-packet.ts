// A frame as far as cutting its conversation needs it: Ethernet without tags (the kernel takes those off), IPv4 or IPv6,
// TCP or UDP directly behind. Anything else is left alone.
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../net/ether-type.ts';
import { TCP, UDP } from '../../net/protocol-number.ts';

export interface Conversation {
  src: Uint8Array;
  dst: Uint8Array;
  srcPort: number;
  dstPort: number;
  /** TCP or UDP */
  proto: number;
  /** the IP packet from its first byte, as far as it was captured */
  packet: Uint8Array;
  tcp?: {
    seq: number;
    ack: number;
    flags: number;
    /** bytes of data in this segment, from the IP header's length */
    dataBytes: number;
  };
}

const ETHERNET_BYTES = 14;

/** @returns undefined for what is no such packet, or was cut before its transport header's end */
export function parsePacket(frame: Uint8Array): Conversation | undefined {
  if (frame.length < ETHERNET_BYTES + 20) return undefined;
  const packet = frame.subarray(ETHERNET_BYTES);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  switch ((frame[12] << 8) | frame[13]) {
    case ETHERTYPE_IPV4: {
      const headerBytes = (packet[0] & 15) * 4;
      // later fragments have no ports
      if (headerBytes < 20 || (view.getUint16(6) & 0x1fff) !== 0) return undefined;
      const bodyBytes = view.getUint16(2) - headerBytes;
      return parseTransport(
        packet,
        packet.subarray(12, 16),
        packet.subarray(16, 20),
        packet[9],
        headerBytes,
        bodyBytes,
      );
    }
    case ETHERTYPE_IPV6:
      if (packet.length < 40) return undefined;
      return parseTransport(packet, packet.subarray(8, 24), packet.subarray(24, 40), packet[6], 40, view.getUint16(4));
    default:
      return undefined;
  }
}

function parseTransport(
  packet: Uint8Array,
  src: Uint8Array,
  dst: Uint8Array,
  proto: number,
  at: number,
  bodyBytes: number,
): Conversation | undefined {
  if (proto !== TCP && proto !== UDP) return undefined;
  if (packet.length < at + (proto === TCP ? 20 : 8)) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset + at);
  const ends = { src, dst, srcPort: view.getUint16(0), dstPort: view.getUint16(2), proto, packet };
  if (proto === UDP) return ends;
  const dataBytes = Math.max(0, bodyBytes - (view.getUint8(12) >> 4) * 4);
  return {
    ...ends,
    tcp: { seq: view.getUint32(4), ack: view.getUint32(8), flags: view.getUint8(13), dataBytes },
  };
}
