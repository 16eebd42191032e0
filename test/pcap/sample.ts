// Hand-made capture files of each kind, for the readers' tests.

/** Joins 32-bit words of the given byte order. */
export function words(little: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, v] of values.entries())
    little ? bytes.writeUInt32LE(v >>> 0, i * 4) : bytes.writeUInt32BE(v >>> 0, i * 4);
  return bytes;
}

/** A classic pcap: `magic` as written by a machine of that byte order; each packet is `[sec, fraction, data, originalLength?]`. */
export function pcap(
  magic: number,
  little: boolean,
  packets: [number, number, Uint8Array, number?][],
  { linkType = 1, extraHeader = 0 } = {},
): Buffer {
  const version = little ? 0x00040002 : 0x00020004;
  const parts = [words(little, magic, version, 0, 0, 65535, linkType)];
  for (const [sec, fraction, data, original] of packets) {
    parts.push(
      words(little, sec, fraction, data.length, original ?? data.length),
      Buffer.alloc(extraHeader),
      Buffer.from(data),
    );
  }
  return Buffer.concat(parts);
}

/** One pcapng block around a body (padded to 32 bits). */
export function block(little: boolean, type: number, body: Uint8Array): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
  const length = padded.length + 12;
  return Buffer.concat([words(little, type, length), padded, words(little, length)]);
}

export function section(little: boolean): Buffer {
  return block(
    little,
    0x0a0d0d0a,
    Buffer.concat([words(little, 0x1a2b3c4d), uint16s(little, 1, 0), words(little, 0xffffffff, 0xffffffff)]),
  );
}

export function uint16s(little: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, v] of values.entries()) little ? bytes.writeUInt16LE(v, i * 2) : bytes.writeUInt16BE(v, i * 2);
  return bytes;
}

/** The bytes in pieces of `size`, as a stream would bring them. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
