// Traffic made here for an engine to look at: whole HTTP conversations, each after one datagram that a shipped rule
// alerts on, so that alerts can be counted as packets are.
import { ACK, FIN, type FrameEnds, PSH, renderTcpFrame, renderUdpFrame, SYN } from '../../../src/pcap/render-frame.ts';

/** The shipped rule of `mss test-alert`, which alerts on every such datagram. */
export const MARKER_SID = 9_000_001;
const MARKER = Buffer.from('MSS-TEST-ALERT reload');
const BODY_BYTES = 1200;

/** @returns the frames of so many conversations, each between ends of its own */
export function renderConversations(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const client = `10.0.${i >> 8}.${i & 255}`;
    const ends = { src: client, srcPort: 20_000 + i, dst: '198.51.100.7', dstPort: 80 };
    return [renderUdpFrame({ ...ends, dstPort: 9 }, MARKER), ...renderHttp(ends, `/page/${i}`)];
  }).flat();
}

function renderHttp(ends: FrameEnds, path: string): Uint8Array[] {
  const back = { src: ends.dst, srcPort: ends.dstPort, dst: ends.src, dstPort: ends.srcPort };
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: browser\r\n\r\n`);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`;
  const response = Buffer.from(head.padEnd(head.length + BODY_BYTES, 'text '));
  const [asked, answered] = [1001 + request.length, 5001 + response.length];
  const ours = (seq: number, ack: number, flags: number, payload?: Uint8Array) =>
    renderTcpFrame(ends, { seq, ack, flags, payload });
  const theirs = (seq: number, ack: number, flags: number, payload?: Uint8Array) =>
    renderTcpFrame(back, { seq, ack, flags, payload });
  return [
    ours(1000, 0, SYN),
    theirs(5000, 1001, SYN | ACK),
    ours(1001, 5001, ACK),
    ours(1001, 5001, PSH | ACK, request),
    theirs(5001, asked, PSH | ACK, response),
    ours(asked, answered, FIN | ACK),
    theirs(answered, asked + 1, FIN | ACK),
    ours(asked + 1, answered + 1, ACK),
  ];
}
