// One end of a QEMU stream netdev: Ethernet frames in both directions, a big-endian length in front of each.
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { MssError } from '../../src/errors.ts';

const LENGTH_BYTES = 4;

export class FrameSocket {
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  sent = 0;
  /** called with each frame that the other side sends; what nobody listens to is read and forgotten */
  onFrame: ((frame: Buffer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => socket.destroy());
  }

  static async connect(path: string): Promise<FrameSocket> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new FrameSocket(socket);
  }

  #read(bytes: Buffer): void {
    let rest = this.#unread.length > 0 ? Buffer.concat([this.#unread, bytes]) : bytes;
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32BE(0);
      if (rest.length < end) break;
      this.onFrame?.(rest.subarray(LENGTH_BYTES, end));
      rest = rest.subarray(end);
    }
    this.#unread = rest;
  }

  /** Puts a frame on the wire; waits while QEMU has no room. Throws MssError `io` when the machine is gone. */
  async send(frame: Uint8Array): Promise<void> {
    if (this.#socket.destroyed) throw new MssError('io', 'the virtual machine has closed its end of the wire');
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(frame.length);
    this.sent++;
    if (!this.#socket.write(Buffer.concat([length, frame]))) {
      await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
