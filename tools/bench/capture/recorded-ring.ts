// Blocks as the kernel leaves them in a TPACKET_V3 ring with PACKET_RESERVE=2, made without a kernel.
import { changeAddresses, type Traffic } from './traffic.ts';

export const BLOCK_BYTES = 4 * 1024 * 1024;
const BLOCK_HEADER = 48;
/** struct tpacket3_hdr, struct sockaddr_ll, and padding that puts the network header on a multiple of four */
const FRAME_AT = 84;
const START_SECOND = 1_700_000_000;
const PACKET_NANOSECONDS = 1000;

/** Fills all blocks of `ring` with frames, over and over; VLAN tags stand in the packet's header, as the kernel does it. */
export function fillBlocks(ring: ArrayBuffer, traffic: Traffic): { packets: number; bytes: number } {
  const u8 = new Uint8Array(ring);
  const u16 = new Uint16Array(ring);
  const u32 = new Uint32Array(ring);
  const { bytes, offsets, lengths } = traffic;
  const sum = { packets: 0, bytes: 0 };
  let next = 0;
  let turn = 0;
  for (let block = 0; block < ring.byteLength; block += BLOCK_BYTES) {
    let header = block + BLOCK_HEADER;
    let packets = 0;
    for (;;) {
      const at = offsets[next];
      const tagged = bytes.readUInt16BE(at + 12);
      const hasTag = tagged === 0x8100 || tagged === 0x88a8;
      const length = lengths[next] - (hasTag ? 4 : 0);
      const step = (FRAME_AT + length + 15) & ~15;
      if (header + step > block + BLOCK_BYTES) break;
      const nanoseconds = sum.packets * PACKET_NANOSECONDS;
      u32[header >> 2] = step;
      u32[(header + 4) >> 2] = START_SECOND + Math.floor(nanoseconds / 1e9);
      u32[(header + 8) >> 2] = nanoseconds % 1e9;
      u32[(header + 12) >> 2] = u32[(header + 16) >> 2] = length;
      u32[(header + 20) >> 2] = hasTag ? 0x51 : 1;
      u16[(header + 24) >> 1] = FRAME_AT;
      u16[(header + 26) >> 1] = FRAME_AT + 14;
      if (hasTag) {
        u32[(header + 32) >> 2] = bytes.readUInt16BE(at + 14);
        u16[(header + 36) >> 1] = tagged;
        u8.set(bytes.subarray(at, at + 12), header + FRAME_AT);
        u8.set(bytes.subarray(at + 16, at + lengths[next]), header + FRAME_AT + 12);
      } else u8.set(bytes.subarray(at, at + length), header + FRAME_AT);
      sum.bytes += lengths[next];
      sum.packets++;
      packets++;
      header += step;
      if (turn > 0) changeAddresses(traffic, next, turn);
      if (++next === offsets.length) {
        next = 0;
        turn++;
      }
    }
    u32[(block + 8) >> 2] = 1;
    u32[(block + 12) >> 2] = packets;
    u32[(block + 16) >> 2] = BLOCK_HEADER;
    u32[(block + 20) >> 2] = header - block;
  }
  return sum;
}
