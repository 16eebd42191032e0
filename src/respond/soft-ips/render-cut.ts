// The IP packets that end a conversation: for TCP a reset to both ends, each with the sequence number that its receiver
// waits for (RFC 9293, 3.10.7.4; RFC 5961, 3.2 takes no other), for UDP "port unreachable" to the sender (RFC 792; RFC 4443, 3.1).
import { checksum } from '../../net/checksum.ts';
import { ICMP, ICMP6, TCP } from '../../net/protocol-number.ts';
import { ACK, FIN, RST, SYN } from '../../pcap/render-frame.ts';
import type { Conversation } from './parse-packet.ts';

/** An IP packet to inject; the kernel finds its way by `dst`. */
export interface CutPacket {
  dst: Uint8Array;
  bytes: Buffer;
}

const HOP_LIMIT = 64;
/** IPv4 header and eight bytes are what RFC 792 asks for; RFC 4443 takes as much as fits, this is enough to find a socket by */
const QUOTED_BYTES = { 4: 28, 16: 48 } as const;

/** Empty for a reset: it ends the conversation itself. */
export function renderCut(conversation: Conversation): CutPacket[] {
  const { tcp, src, dst } = conversation;
  if (tcp === undefined) return [renderUnreachable(conversation)];
  if ((tcp.flags & RST) !== 0) return [];
  const next = (tcp.seq + tcp.dataBytes + ((tcp.flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
  const forward = { from: src, to: dst, fromPort: conversation.srcPort, toPort: conversation.dstPort };
  const back = { from: dst, to: src, fromPort: conversation.dstPort, toPort: conversation.srcPort };
  // An opening SYN names no number that the other end would send: its sender takes a reset that acknowledges it.
  const toSender =
    (tcp.flags & ACK) === 0 ? renderReset(back, 0, next, RST | ACK) : renderReset(back, tcp.ack, next, RST | ACK);
  return [toSender, renderReset(forward, next, tcp.ack, (tcp.flags & ACK) === 0 ? RST : RST | ACK)];
}

interface Ends {
  from: Uint8Array;
  to: Uint8Array;
  fromPort: number;
  toPort: number;
}

function renderReset({ from, to, fromPort, toPort }: Ends, seq: number, ack: number, flags: number): CutPacket {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(fromPort, 0);
  segment.writeUInt16BE(toPort, 2);
  segment.writeUInt32BE(seq, 4);
  segment.writeUInt32BE((flags & ACK) === 0 ? 0 : ack, 8);
  segment[12] = 5 << 4;
  segment[13] = flags;
  segment.writeUInt16BE(checksum(pseudoHeader(from, to, TCP, segment.length), segment), 16);
  return { dst: to, bytes: renderIp(from, to, TCP, segment) };
}

function renderUnreachable({ src, dst, packet }: Conversation): CutPacket {
  const v6 = src.length === 16;
  const quoted = packet.subarray(0, QUOTED_BYTES[v6 ? 16 : 4]);
  const message = Buffer.alloc(8 + quoted.length);
  message[0] = v6 ? 1 : 3;
  message[1] = v6 ? 4 : 3;
  message.set(quoted, 8);
  const proto = v6 ? ICMP6 : ICMP;
  const sum = v6 ? checksum(pseudoHeader(dst, src, proto, message.length), message) : checksum(message);
  message.writeUInt16BE(sum, 2);
  return { dst: src, bytes: renderIp(dst, src, proto, message) };
}

function renderIp(from: Uint8Array, to: Uint8Array, proto: number, body: Buffer): Buffer {
  if (from.length === 16) {
    const header = Buffer.alloc(40);
    header[0] = 6 << 4;
    header.writeUInt16BE(body.length, 4);
    header[6] = proto;
    header[7] = HOP_LIMIT;
    header.set(from, 8);
    header.set(to, 24);
    return Buffer.concat([header, body]);
  }
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + body.length, 2);
  header[8] = HOP_LIMIT;
  header[9] = proto;
  header.set(from, 12);
  header.set(to, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, body]);
}

/** RFC 9293, 3.1 for IPv4; RFC 8200, 8.1 for IPv6. */
function pseudoHeader(from: Uint8Array, to: Uint8Array, proto: number, bodyBytes: number): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeUInt32BE(bodyBytes, 0);
  tail.writeUInt32BE(proto, 4);
  return Buffer.concat([from, to, tail]);
}
