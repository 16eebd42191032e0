// Numbers in seven bits a byte, least first, the top bit set on all bytes but the last (LEB128).

/** Most bytes a 32-bit number takes. */
export const MOST_VARINT_BYTES = 5;

/** Writes `value` (unsigned, 32 bits) at `at`; returns the offset behind it. */
export function putVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  while (rest > 127) {
    target[to++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[to++] = rest;
  return to;
}

/** Sums `count` differences from the start of `bytes`. Undefined where the bytes end before. */
export function readDifferences(bytes: Uint8Array, count: number): Uint32Array | undefined {
  const values = new Uint32Array(count);
  let at = 0;
  let value = 0;
  for (let i = 0; i < count; i++) {
    let difference = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 28) return undefined;
      const byte = bytes[at++];
      difference |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    value += difference >>> 0;
    values[i] = value;
  }
  return values;
}

/** Sums all differences in `bytes`. Undefined where the last is cut off. */
export function readAllDifferences(bytes: Uint8Array): Uint32Array | undefined {
  let count = 0;
  for (const byte of bytes) if (byte < 128) count++;
  return readDifferences(bytes, count);
}
