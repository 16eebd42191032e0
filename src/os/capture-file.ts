// A capture file's bytes from disk, decompressed as they stream where it is gzip or zstd (told by its first bytes).
import { createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { MssError, messageOf } from '../errors.ts';

const CHUNK_BYTES = 256 * 1024;

/** A capture file that is open: who reads it needs no right to open it. */
export interface CaptureFile {
  path: string;
  /** when it was written last; 0 where it could not be opened */
  modifiedMs: number;
  /**
   * Its chunks, once. A compressed stream that ends early still gives all that could be decompressed; one that is
   * damaged fails at the damage.
   * @throws MssError `io` where the file could not be opened
   */
  read(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Opens a capture file; where that fails, reading it says so. */
export function openCaptureFile(path: string): CaptureFile {
  try {
    const fd = openSync(path, 'r');
    return { path, modifiedMs: fstatSync(fd).mtimeMs, read: () => readOpen(path, fd) };
  } catch (cause) {
    return { path, modifiedMs: 0, read: () => refuse(path, cause) };
  }
}

/** The chunks of a capture file, as `CaptureFile.read`. */
export const readCaptureFile = (path: string): AsyncGenerator<Uint8Array, void, undefined> =>
  openCaptureFile(path).read();

async function* readOpen(path: string, fd: number): AsyncGenerator<Uint8Array, void, undefined> {
  const magic = firstBytes(path, fd);
  const raw = createReadStream(path, { fd, start: 0, highWaterMark: CHUNK_BYTES });
  const stream = decompressed(raw, magic);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } finally {
    stream.destroy();
    raw.destroy();
  }
}

// biome-ignore lint/correctness/useYield: a generator that fails at its first step
async function* refuse(path: string, cause: unknown): AsyncGenerator<Uint8Array, void, undefined> {
  throw new MssError('io', `${path}: cannot be read: ${messageOf(cause)}`, { cause });
}

function firstBytes(path: string, fd: number): Buffer {
  const bytes = Buffer.alloc(4);
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch (cause) {
    throw new MssError('io', `${path}: cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function decompressed(raw: Readable, magic: Buffer): Readable {
  if (magic.length >= 2 && magic.readUInt16BE(0) === 0x1f8b) {
    return through(raw, createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK_BYTES }));
  }
  if (magic.length === 4 && magic.readUInt32LE(0) === 0xfd2fb528) {
    return through(raw, createZstdDecompress({ finishFlush: constants.ZSTD_e_flush, chunkSize: CHUNK_BYTES }));
  }
  return raw;
}

function through(raw: Readable, transform: Transform): Readable {
  raw.on('error', (error) => transform.destroy(error));
  return raw.pipe(transform);
}
