// Carved files into a folder that is made for them, or as one tar stream on standard output; files.json lists them.
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { MssError, messageOf } from '../../errors.ts';
import { type CarvedFile, HttpCarver } from '../../pcap/carve/carve-http.ts';
import type { CapturedPacket } from '../../pcap/packet.ts';
import { StreamAssembler } from '../../pcap/stream/assemble-streams.ts';

const LIST = 'files.json';

export class FilesOutput {
  readonly #assembler = new StreamAssembler();
  readonly #carver = new HttpCarver();
  readonly #write: (name: string, bytes: Uint8Array, timeNs: bigint) => Promise<void>;
  readonly #finish: () => Promise<void>;
  readonly #list: string[] = [];

  /** @param dir a folder that is made if need be; - is a tar on standard output. Throws `io`. */
  constructor(dir: string) {
    if (dir === '-') {
      // begun with the first file: where there is none, nothing is written
      let tar: { pack: Pack; ended: Promise<unknown> } | undefined;
      const begin = () => {
        const stream = pack();
        return { pack: stream, ended: copyToStdout(stream as AsyncIterable<Buffer>) };
      };
      this.#write = (name, bytes, timeNs) => {
        tar ??= begin();
        const { pack: stream } = tar;
        const mtime = new Date(Number(timeNs / 1_000_000n));
        return new Promise((done, fail) => {
          stream.entry({ name, mtime, mode: 0o640 }, Buffer.from(bytes), (error) => (error ? fail(error) : done()));
        });
      };
      this.#finish = async () => {
        tar?.pack.finalize();
        await tar?.ended;
      };
      return;
    }
    try {
      mkdirSync(dir, { recursive: true, mode: 0o750 });
    } catch (cause) {
      throw new MssError('io', `cannot make the folder ${dir}: ${messageOf(cause)}`, { cause });
    }
    this.#write = async (name, bytes) => writeNew(join(dir, name), bytes);
    this.#finish = async () => {};
  }

  get files(): number {
    return this.#list.length;
  }

  /** files left out because of their number or size */
  get skippedFiles(): number {
    return this.#carver.skippedFiles;
  }

  async add(packet: CapturedPacket): Promise<void> {
    for (const piece of this.#assembler.add(packet)) await this.#keep(this.#carver.add(piece));
  }

  async end(): Promise<void> {
    for (const piece of this.#assembler.end()) await this.#keep(this.#carver.add(piece));
    await this.#keep(this.#carver.end());
    if (this.files > 0) await this.#write(LIST, Buffer.from(`[${this.#list.join(',\n')}]\n`), 0n);
    await this.#finish();
  }

  async #keep(files: readonly CarvedFile[]): Promise<void> {
    for (const { bytes, timeNs, ...file } of files) {
      await this.#write(file.name, bytes, timeNs);
      const time = new Date(Number(timeNs / 1_000_000n)).toISOString();
      this.#list.push(JSON.stringify({ ...file, bytes: bytes.length, time }));
    }
  }
}

/** Leaves standard output open: another answer may follow this one. */
async function copyToStdout(stream: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of stream) if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}

/** Writes over nothing, and follows no link that somebody laid there. */
function writeNew(path: string, bytes: Uint8Array): void {
  try {
    const fd = openSync(path, 'wx', 0o640);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new MssError('io', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}
