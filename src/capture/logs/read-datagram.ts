// An Ethernet frame that the filter for syslog let through -> the UDP datagram in it, or the part of one.
import { formatAddress } from '../../net/address.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, isVlanType } from '../../net/ether-type.ts';

/** What one IP packet carries: a whole UDP datagram, or a part of one. Bytes are a view into the frame. */
export interface DatagramPart {
  source: string;
  destination: string;
  /** UDP header and payload, or a piece of them */
  bytes: Buffer;
  fragment?: { id: number; offsetBytes: number; isLast: boolean };
}

/** What a UDP datagram carries. */
export interface LogDatagram {
  source: string;
  destination: string;
  port: number;
  payload: Buffer;
}

const ETHERNET_BYTES = 14;
const UDP_BYTES = 8;
const UDP = 17;
const FRAGMENT_HEADER = 44;

/** Undefined for what is no IP packet with UDP in it, or was cut off. */
export function readDatagramPart(frame: Buffer): DatagramPart | undefined {
  let at = ETHERNET_BYTES;
  if (frame.length < at) return undefined;
  let type = frame.readUInt16BE(at - 2);
  for (; isVlanType(type) && at + 4 <= frame.length; at += 4) type = frame.readUInt16BE(at + 2);
  if (type === ETHERTYPE_IPV4) return readIpv4(frame.subarray(at));
  if (type === ETHERTYPE_IPV6) return readIpv6(frame.subarray(at));
  return undefined;
}

function readIpv4(packet: Buffer): DatagramPart | undefined {
  if (packet.length < 20 || packet[0] >> 4 !== 4 || packet[9] !== UDP) return undefined;
  const headerBytes = (packet[0] & 15) << 2;
  const endsAt = packet.readUInt16BE(2);
  if (headerBytes < 20 || endsAt < headerBytes || endsAt > packet.length) return undefined;
  const place = packet.readUInt16BE(6);
  const [offsetBytes, isLast] = [(place & 0x1fff) << 3, (place & 0x2000) === 0];
  return {
    source: formatAddress(packet.subarray(12, 16)),
    destination: formatAddress(packet.subarray(16, 20)),
    bytes: packet.subarray(headerBytes, endsAt),
    fragment: offsetBytes === 0 && isLast ? undefined : { id: packet.readUInt16BE(4), offsetBytes, isLast },
  };
}

function readIpv6(packet: Buffer): DatagramPart | undefined {
  if (packet.length < 48 || packet[0] >> 4 !== 6) return undefined;
  const endsAt = 40 + packet.readUInt16BE(4);
  if (endsAt < 48 || endsAt > packet.length) return undefined;
  const source = formatAddress(packet.subarray(8, 24));
  const destination = formatAddress(packet.subarray(24, 40));
  if (packet[6] === UDP) return { source, destination, bytes: packet.subarray(40, endsAt) };
  if (packet[6] !== FRAGMENT_HEADER || packet[40] !== UDP) return undefined;
  const place = packet.readUInt16BE(42);
  const fragment = { id: packet.readUInt32BE(44), offsetBytes: place & 0xfff8, isLast: (place & 1) === 0 };
  return { source, destination, bytes: packet.subarray(48, endsAt), fragment };
}

/** The destination port that a datagram, or its first part, names. */
export const destinationPort = (bytes: Buffer): number => (bytes.length < UDP_BYTES ? 0 : bytes.readUInt16BE(2));

/** Undefined where the datagram is shorter than it says. */
export function readDatagram({ source, destination, bytes }: DatagramPart): LogDatagram | undefined {
  const length = bytes.length < UDP_BYTES ? 0 : bytes.readUInt16BE(4);
  if (length < UDP_BYTES || length > bytes.length) return undefined;
  return { source, destination, port: destinationPort(bytes), payload: bytes.subarray(UDP_BYTES, length) };
}
