// A capture file's bytes from disk, decompressed as they stream where it is gzip or zstd (told by its first bytes).
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { MssError, messageOf } from '../errors.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * The chunks of a capture file.
 * A compressed stream that ends early still gives all that could be decompressed; one that is damaged fails at the damage.
 * @throws MssError `io` where the file cannot be opened.
 */
export async function* readCaptureFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const magic = await firstBytes(path);
  const raw = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = decompressed(raw, magic);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } finally {
    stream.destroy();
    raw.destroy();
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
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
