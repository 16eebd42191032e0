// A block of a TPACKET_V3 ring as the kernel leaves it, for tests.

const FRAME_AT = 84;

export interface RingFrame {
  data: Buffer;
  second: number;
  nanosecond: number;
}

/** What the block held before is 0xee everywhere; VLAN tags stand in the packets' headers, where the kernel puts them. */
export function fillBlock(frames: readonly RingFrame[], blockBytes: number): ArrayBuffer {
  const bytes = Buffer.alloc(blockBytes, 0xee);
  let at = 48;
  for (const { data: whole, second, nanosecond } of frames) {
    const tagged = whole.readUInt16BE(12) === 0x8100;
    const data = tagged ? Buffer.concat([whole.subarray(0, 12), whole.subarray(16)]) : whole;
    const step = (FRAME_AT + data.length + 15) & ~15;
    const words = [step, second, nanosecond, data.length, data.length, tagged ? 0x51 : 1];
    for (const [n, value] of words.entries()) bytes.writeUInt32LE(value, at + n * 4);
    bytes.writeUInt16LE(FRAME_AT, at + 24);
    if (tagged) bytes.writeUInt32LE(whole.readUInt16BE(14), at + 32);
    if (tagged) bytes.writeUInt16LE(0x8100, at + 36);
    bytes[at + 58] = 3;
    bytes.set(data, at + FRAME_AT);
    at += step;
  }
  for (const [offset, value] of [
    [8, 1],
    [12, frames.length],
    [16, 48],
    [20, at],
  ])
    bytes.writeUInt32LE(value, offset);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + blockBytes) as ArrayBuffer;
}
