// The mirror port of a virtual machine: puts frames on its promiscuous interface, in order and without loss, since
// QEMU's stream netdev holds the socket back while the interface has no room (length in front of each frame, big-endian).
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { MssError } from '../../src/errors.ts';
import { readCaptureFile } from '../../src/os/capture-file.ts';
import type { CapturedPacket } from '../../src/pcap/packet.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';

const ETHERNET = 1;
const BATCH_MS = 20;

export class Mirror {
  readonly #socket: Socket;
  sent = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // What the machine itself sends is of no interest, but must be read.
    socket.resume();
    socket.on('error', () => socket.destroy());
  }

  static async connect(path: string): Promise<Mirror> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new Mirror(socket);
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#socket.destroyed) throw new MssError('io', 'the virtual machine has closed its mirror port');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    this.sent++;
    if (!this.#socket.write(Buffer.concat([length, frame]))) {
      await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
    }
  }

  /**
   * Sends packets one after another at a modest rate, whatever their time stamps say.
   * @throws MssError `input` for another link type than Ethernet
   */
  async replay(
    packets: AsyncIterable<CapturedPacket> | Iterable<CapturedPacket>,
    packetsPerSecond = 500,
  ): Promise<number> {
    const before = this.sent;
    const batch = Math.max(1, Math.round((packetsPerSecond * BATCH_MS) / 1000));
    for await (const packet of packets) {
      if (packet.linkType !== ETHERNET) throw new MssError('input', `link type ${packet.linkType} is not Ethernet`);
      await this.send(packet.data.subarray(0, packet.capturedLength));
      if ((this.sent - before) % batch === 0) await new Promise((wake) => setTimeout(wake, BATCH_MS));
    }
    return this.sent - before;
  }

  /** Replays a capture file of any kind; the number of its packets. */
  async replayFile(path: string, packetsPerSecond?: number): Promise<number> {
    return await this.replay(readCapture(readCaptureFile(path), undefined, path), packetsPerSecond);
  }

  close(): void {
    this.#socket.destroy();
  }
}
