// Packets to a pcapng file or to standard output, no faster than its reader takes them.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { MssError } from '../../errors.ts';
import type { CapturedPacket } from '../../pcap/packet.ts';
import { PcapngEncoder } from '../../pcap/write-pcapng.ts';

export class PcapngOutput {
  readonly #stream: Writable;
  readonly #encoder = new PcapngEncoder();
  readonly #failed: Promise<never>;

  /** @param file its path; - is standard output */
  constructor(file: string) {
    this.#stream = file === '-' ? process.stdout : createWriteStream(file);
    this.#failed = new Promise((_, reject) => {
      this.#stream.once('error', (cause) =>
        reject(new MssError('io', `cannot write ${file}: ${cause.message}`, { cause })),
      );
    });
    this.#failed.catch(() => {}); // reported by whoever waits for it
    this.#stream.write(this.#encoder.start());
  }

  async add(packet: CapturedPacket): Promise<void> {
    if (!this.#stream.write(this.#encoder.encode(packet)))
      await Promise.race([once(this.#stream, 'drain'), this.#failed]);
  }

  async end(): Promise<void> {
    const done = new Promise<void>((resolve) => {
      if (this.#stream === process.stdout) this.#stream.write('', () => resolve());
      else this.#stream.end(resolve);
    });
    await Promise.race([done, this.#failed]);
  }
}
