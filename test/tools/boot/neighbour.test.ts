// The port scan from outside, against a machine of a few lines: one open port, one that refuses, one that speaks UDP.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TCP } from '../../../src/net/protocol-number.ts';
import { ACK, RST, renderTcpFrame, renderUdpFrame, SYN } from '../../../src/pcap/render-frame.ts';
import { FrameSocket } from '../../../tools/boot/frame-socket.ts';
import { MANAGEMENT_MAC } from '../../../tools/boot/machine-args.ts';
import { Neighbour } from '../../../tools/boot/neighbour.ts';

const MACHINE = { address: '10.0.2.15', own: '10.0.2.77', knownPort: 22 };
const REFUSED = 80;
const SPEAKS = 53;

function answerTo(frame: Buffer): Buffer | undefined {
  const [srcPort, dstPort] = [frame.readUInt16BE(36), frame.readUInt16BE(34)];
  const ends = { src: MACHINE.address, dst: MACHINE.own, srcPort, dstPort };
  if (frame[23] !== TCP) return srcPort === SPEAKS ? renderUdpFrame(ends, Buffer.from('here')) : undefined;
  if (frame[47] !== SYN) return undefined;
  if (srcPort === MACHINE.knownPort) return renderTcpFrame(ends, { seq: 7, ack: 2, flags: SYN | ACK });
  return srcPort === REFUSED ? renderTcpFrame(ends, { seq: 0, ack: 2, flags: RST | ACK }) : undefined;
}

/** Sends a frame in pieces, as a stream may arrive, `mac` as its sender. */
function send(socket: Socket, frame: Buffer, mac: string): void {
  frame.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), 6);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  for (const piece of [length.subarray(0, 3), length.subarray(3), frame]) socket.write(piece);
}

test('what answers is found among what does not, and another station’s words are not the machine’s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mss-wire-'));
  const server = createServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.on('error', () => socket.destroy()); // the scan is over, and the last answers find nobody
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        const frame = rest.subarray(4, 4 + rest.readUInt32BE(0));
        rest = rest.subarray(4 + frame.length);
        const answer = answerTo(frame);
        if (answer !== undefined) send(socket, answer, MANAGEMENT_MAC);
        // a router that says no for everybody
        const ends = { src: MACHINE.address, dst: MACHINE.own, srcPort: 9, dstPort: frame.readUInt16BE(34) };
        send(socket, renderTcpFrame(ends, { seq: 0, ack: 2, flags: RST }), '52:55:0a:00:02:02');
      }
    });
  }).listen(join(folder, 'wire'));
  await once(server, 'listening');
  const wire = await FrameSocket.connect(join(folder, 'wire'));
  try {
    const neighbour = new Neighbour(wire, MACHINE);
    const ports = Array.from({ length: 250 }, (_, index) => index + 1);
    expect(await neighbour.scanTcp(ports)).toEqual({ accepted: [22], refused: [REFUSED], spoke: [] });
    expect(await neighbour.scanUdp(ports, () => Buffer.from('?'))).toEqual({
      accepted: [],
      refused: [],
      spoke: [SPEAKS],
    });
  } finally {
    wire.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
