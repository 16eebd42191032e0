// Whether the beginning of a pcapng stream holds a packet yet. Block types: pcapng draft, sections 4.1, 4.3, 4.4.

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const SMALLEST_BLOCK = 12;

/** True when a packet block begins in `bytes`, false when there is none so far (or this is no pcapng). */
export function holdsPacket(bytes: Buffer): boolean {
  if (bytes.length < SMALLEST_BLOCK || bytes.readUInt32LE(0) !== SECTION_HEADER) return false;
  const little = bytes.readUInt32LE(8) === BYTE_ORDER_MAGIC;
  const read = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = read(at);
    if (type === ENHANCED_PACKET || type === SIMPLE_PACKET) return true;
    const length = read(at + 4);
    if (length < SMALLEST_BLOCK) return false;
    at += length;
  }
  return false;
}
