// The mirror port of a virtual machine: puts frames on its promiscuous interface, in order and without loss, since
// QEMU's stream netdev holds the socket back while the interface has no room.
import { MssError } from '../../src/errors.ts';
import { readCaptureFile } from '../../src/os/capture-file.ts';
import type { CapturedPacket } from '../../src/pcap/packet.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { FrameSocket } from './frame-socket.ts';

const ETHERNET = 1;
const BATCH_MS = 20;

export class Mirror {
  readonly #frames: FrameSocket;

  private constructor(frames: FrameSocket) {
    this.#frames = frames;
  }

  static async connect(path: string): Promise<Mirror> {
    return new Mirror(await FrameSocket.connect(path));
  }

  get sent(): number {
    return this.#frames.sent;
  }

  async send(frame: Uint8Array): Promise<void> {
    await this.#frames.send(frame);
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
    this.#frames.close();
  }
}
