// Captures made by tests: whole TCP conversations with right checksums and sequence numbers, UDP, and the pcapng file.
import {
  ACK,
  FIN,
  type FrameEnds,
  PSH,
  RST,
  renderTcpFrame,
  renderUdpFrame,
  SYN,
} from '../../src/pcap/render-frame.ts';
import { PcapngEncoder } from '../../src/pcap/write-pcapng.ts';

export interface TimedFrame {
  /** microseconds since 1970 */
  timeUs: number;
  data: Buffer;
}

export type Ends = FrameEnds;

const SEGMENT_BYTES = 1400;

/** One direction's text or bytes: `> ` from the client, `< ` from the server. */
export type Said = { from: 'client' | 'server'; bytes: string | Uint8Array };

/** A TCP conversation: handshake, what both say in turn (acknowledged), and a close by both. Steps are 1 ms apart. */
export function tcpSession(ends: Ends, startUs: number, said: readonly Said[]): TimedFrame[] {
  const back: Ends = { src: ends.dst, srcPort: ends.dstPort, dst: ends.src, dstPort: ends.srcPort };
  const frames: TimedFrame[] = [];
  let client = 1000;
  let server = 5000;
  let timeUs = startUs;
  const send = (from: 'client' | 'server', flags: number, payload?: Uint8Array) => {
    const data =
      from === 'client'
        ? renderTcpFrame(ends, { seq: client, ack: flags & ACK ? server : 0, flags, payload })
        : renderTcpFrame(back, { seq: server, ack: client, flags, payload });
    frames.push({ timeUs, data });
    timeUs += 1000;
    const used = (payload?.length ?? 0) + (flags & (SYN | FIN) ? 1 : 0);
    if (from === 'client') client += used;
    else server += used;
  };
  send('client', SYN);
  send('server', SYN | ACK);
  send('client', ACK);
  for (const { from, bytes } of said) {
    const whole = Buffer.from(bytes as string);
    for (let at = 0; at < whole.length; at += SEGMENT_BYTES) {
      send(from, PSH | ACK, whole.subarray(at, at + SEGMENT_BYTES));
      send(from === 'client' ? 'server' : 'client', ACK);
    }
  }
  send('client', FIN | ACK);
  send('server', FIN | ACK);
  send('client', ACK);
  return frames;
}

/** A SYN that is refused at once. */
export function refusedSyn(ends: Ends, timeUs: number): TimedFrame[] {
  const back: Ends = { src: ends.dst, srcPort: ends.dstPort, dst: ends.src, dstPort: ends.srcPort };
  return [
    { timeUs, data: renderTcpFrame(ends, { seq: 1000, ack: 0, flags: SYN }) },
    { timeUs: timeUs + 100, data: renderTcpFrame(back, { seq: 0, ack: 1001, flags: RST | ACK }) },
  ];
}

export const udpDatagram = (ends: Ends, timeUs: number, payload: string | Uint8Array): TimedFrame => ({
  timeUs,
  data: renderUdpFrame(ends, Buffer.from(payload as string)),
});

/** An HTTP request and its answer, as `tcpSession` takes them. */
export function httpExchange(request: string, body: string | Uint8Array, headers = ''): Said[] {
  const bytes = Buffer.from(body as string);
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`;
  return [
    { from: 'client', bytes: request },
    { from: 'server', bytes: Buffer.concat([Buffer.from(head), bytes]) },
  ];
}

/** The frames as a pcapng file, in order of time. */
export function captureOf(frames: readonly TimedFrame[]): Buffer {
  const encoder = new PcapngEncoder();
  const sorted = [...frames].sort((a, b) => a.timeUs - b.timeUs);
  const blocks = sorted.map(({ timeUs, data }) =>
    encoder.encode({
      timeNs: BigInt(timeUs) * 1000n,
      linkType: 1,
      capturedLength: data.length,
      originalLength: data.length,
      data,
    }),
  );
  return Buffer.concat(blocks.length === 0 ? [encoder.start()] : blocks);
}
