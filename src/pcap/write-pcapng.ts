// pcapng blocks as bytes: little-endian, time stamps in nanoseconds. draft-ietf-opsawg-pcapng.
import type { CapturedPacket } from './packet.ts';

/** Block types with the top bit set are for local use: readers skip them. Ours only fill space. */
export const PADDING_BLOCK = 0x80000b1d;
const SNAPLEN_ANY = 0;

/** A section header block, 28 bytes without a comment for people; its section has no stated length. */
export function sectionHeaderBlock(comment = ''): Uint8Array {
  const text = Buffer.from(comment);
  const option = text.length === 0 ? 0 : 4 + ((text.length + 3) & ~3);
  const length = 28 + option;
  const block = new Uint8Array(length);
  block.set(words(0x0a0d0d0a, length, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff));
  if (option > 0) block.set(words(1 | (text.length << 16)), 24); // opt_comment
  block.set(text, 28);
  block.set(words(length), length - 4);
  return block;
}

/** An interface description block for a link type, with nanosecond time stamps and, if given, a name (20 bytes at most). */
export function interfaceBlock(linkType: number, snaplen: number = SNAPLEN_ANY, name = ''): Uint8Array {
  const nameBytes = Buffer.from(name).subarray(0, 20);
  const nameOption = nameBytes.length === 0 ? 0 : 4 + ((nameBytes.length + 3) & ~3);
  const length = 32 + nameOption;
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  for (const [at, value] of [
    [0, 1],
    [4, length],
    [8, linkType],
    [12, snaplen],
    [length - 4, length],
  ]) {
    view.setUint32(at, value, true);
  }
  if (nameOption > 0) {
    view.setUint16(16, 2, true); // if_name
    view.setUint16(18, nameBytes.length, true);
    block.set(nameBytes, 20);
  }
  view.setUint32(16 + nameOption, 9 | (1 << 16), true); // if_tsresol, one byte: 10^-9 s
  view.setUint32(20 + nameOption, 9, true);
  return block;
}

/** How long the enhanced packet block of a packet is. */
export function packetBlockBytes(capturedLength: number): number {
  return (32 + capturedLength + 3) & ~3;
}

/** Writes an enhanced packet block into `target` at `at`; returns the offset behind it. */
export function putPacketBlock(target: Uint8Array, at: number, interfaceId: number, packet: CapturedPacket): number {
  const length = packetBlockBytes(packet.data.length);
  const view = new DataView(target.buffer, target.byteOffset + at, length);
  view.setUint32(0, 6, true);
  view.setUint32(4, length, true);
  view.setUint32(8, interfaceId, true);
  view.setUint32(12, Number(packet.timeNs >> 32n), true);
  view.setUint32(16, Number(packet.timeNs & 0xffffffffn), true);
  view.setUint32(20, packet.data.length, true);
  view.setUint32(24, packet.originalLength, true);
  target.set(packet.data, at + 28);
  target.fill(0, at + 28 + packet.data.length, at + length - 4);
  view.setUint32(length - 4, length, true);
  return at + length;
}

/** A block of `length` bytes (a multiple of 4, at least 12) that readers skip. */
export function paddingBlock(length: number): Uint8Array {
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  view.setUint32(0, PADDING_BLOCK, true);
  view.setUint32(4, length, true);
  view.setUint32(length - 4, length, true);
  return block;
}

/** Turns packets of any link types into one pcapng stream: interfaces are described as they first appear. */
export class PcapngEncoder {
  readonly #interfaceIds = new Map<number, number>();
  #started = false;

  /** The bytes that follow for this packet; the section header comes with the first call. */
  encode(packet: CapturedPacket): Uint8Array {
    const parts: Uint8Array[] = this.#started ? [] : [this.start()];
    let id = this.#interfaceIds.get(packet.linkType);
    if (id === undefined) {
      id = this.#interfaceIds.size;
      this.#interfaceIds.set(packet.linkType, id);
      parts.push(interfaceBlock(packet.linkType));
    }
    const block = new Uint8Array(packetBlockBytes(packet.data.length));
    putPacketBlock(block, 0, id, packet);
    return parts.length === 0 ? block : Buffer.concat([...parts, block]);
  }

  /** The section header alone, so that a stream without packets is a valid file too. */
  start(): Uint8Array {
    this.#started = true;
    return sectionHeaderBlock();
  }
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
  return bytes;
}
