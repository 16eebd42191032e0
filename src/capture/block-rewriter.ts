// Rewrites a block of the kernel's ring, in place, into pcapng packet blocks one behind the other, and indexes each
// packet on the way. The hot loop of the product: no allocation, plain numbers, one pass.
// Layout: struct tpacket_block_desc, struct tpacket3_hdr and struct sockaddr_ll of include/uapi/linux/if_packet.h.
import { PacketKeyReader } from '../pcap/packet-key.ts';
import type { PacketTest } from '../query/packet-filter.ts';
import type { FlowIndex } from '../store/flow-index.ts';
import { BlockIndexer } from './block-indexer.ts';

/** Offsets in a block's header. */
export const BLOCK_STATUS = 8;
export const BLOCK_PACKETS = 12;
export const BLOCK_FIRST_PACKET = 16;
export const BLOCK_USED_BYTES = 20;
/** bit of the status: the block is ours until we write 0 */
export const STATUS_USER = 1;

// offsets in a packet's header
const NEXT = 0;
const SECONDS = 4;
const NANOSECONDS = 8;
export const PACKET_CAPTURED = 12;
const ORIGINAL = 16;
const STATUS = 20;
export const PACKET_MAC = 24;
const VLAN_TCI = 32;
const VLAN_TPID = 36;
const PACKET_TYPE = 58; // sockaddr_ll.sll_pkttype behind the 48 bytes of the header
const VLAN_VALID = 0x10;
const VLAN_TPID_VALID = 0x40;
const OTHER_HOST = 3;

const ETHERNET = 1;
/** pcapng's Enhanced Packet Block, and where the frame stands in it */
const PACKET_BLOCK = 6;
const FRAME_IN_BLOCK = 28;
/** block type and option code for local use */
export const LEADING_BLOCK = 0x80000b1c;
const GAP_OPTION = 0x8b1c;
/** Up to here a loop over words is faster than copyWithin. */
const SHORT_PACKET_BYTES = 192;

export class BlockRewriter {
  /** of the last rewritten block */
  stored = 0;
  filtered = 0;
  receivedBytes = 0;
  /** unicast to a machine other than this one */
  foreign = 0;
  readonly #u8: Uint8Array;
  readonly #u16: Uint16Array;
  readonly #u32: Uint32Array;
  readonly #keys: PacketKeyReader;
  readonly #indexer: BlockIndexer;
  #second = -1;
  #secondHigh = 0;
  #secondLow = 0;

  constructor(ring: ArrayBuffer) {
    this.#u8 = new Uint8Array(ring);
    this.#u16 = new Uint16Array(ring);
    this.#u32 = new Uint32Array(ring);
    this.#keys = new PacketKeyReader(ring);
    this.#indexer = new BlockIndexer(ring);
  }

  /**
   * @param block offset of the block in the ring.
   * @param to where the first packet block goes; at most 16 bytes behind `block`, so that it never overtakes the reading.
   * @param fileOffset what to add to an offset in the ring to get the one in the segment.
   * @param interfaceId of the segment's interfaces.
   * @param wanted what to store, or undefined for everything.
   * @returns the offset behind the last packet block.
   */
  rewrite(
    block: number,
    to: number,
    fileOffset: number,
    interfaceId: number,
    index: FlowIndex,
    wanted: PacketTest | undefined,
  ): number {
    const u8 = this.#u8;
    const u16 = this.#u16;
    const u32 = this.#u32;
    const keys = this.#keys;
    const packets = u32[(block + BLOCK_PACKETS) >> 2];
    let header = block + u32[(block + BLOCK_FIRST_PACKET) >> 2];
    let target = to;
    let foreign = 0;
    let bytes = 0;
    let stored = 0;
    for (let n = 0; n < packets; n++) {
      const next = header + u32[(header + NEXT) >> 2];
      const second = u32[(header + SECONDS) >> 2];
      const status = u32[(header + STATUS) >> 2];
      let captured = u32[(header + PACKET_CAPTURED) >> 2];
      let original = u32[(header + ORIGINAL) >> 2];
      let frame = header + u16[(header + PACKET_MAC) >> 1];
      if (second !== this.#second) this.#setSecond(second);
      let timeHigh = this.#secondHigh;
      let timeLow = this.#secondLow + u32[(header + NANOSECONDS) >> 2];
      if (timeLow >= 4294967296) {
        timeLow -= 4294967296;
        timeHigh++;
      }
      if (u8[header + PACKET_TYPE] === OTHER_HOST) foreign++;
      if ((status & VLAN_VALID) !== 0) {
        this.#putBackTag(header, frame, status);
        frame -= 4;
        captured += 4;
        original += 4;
      }
      bytes += original;
      let isWanted = true;
      if (wanted !== undefined) {
        keys.read(frame, captured, ETHERNET);
        isWanted = wanted(keys, original, second * 1e9 + u32[(header + NANOSECONDS) >> 2]);
      }
      if (isWanted) {
        const length = (32 + captured + 3) & ~3;
        const word = target >> 2;
        if (captured <= SHORT_PACKET_BYTES) {
          for (let from = frame >> 2, at = word + 7, end = word + (length >> 2) - 1; at < end; )
            u32[at++] = u32[from++];
        } else u8.copyWithin(target + FRAME_IN_BLOCK, frame, frame + captured);
        u32[word] = PACKET_BLOCK;
        u32[word + 1] = length;
        u32[word + 2] = interfaceId;
        u32[word + 3] = timeHigh;
        u32[word + 4] = timeLow;
        u32[word + 5] = captured;
        u32[word + 6] = original;
        target += length;
        // padding bytes are 0, and not what the ring held before
        if ((captured & 3) !== 0) u32[(target >> 2) - 2] &= 0xffffffff >>> ((4 - (captured & 3)) << 3);
        u32[(target >> 2) - 1] = length;
        stored++;
      }
      header = next;
    }
    this.#indexer.add(index, to, target, fileOffset);
    this.stored = stored;
    this.filtered = packets - stored;
    this.receivedBytes = bytes;
    this.foreign = foreign;
    return target;
  }

  /**
   * The same with each packet left where it lies, for blocks of large ones, which cost more to move than to write. What
   * is left over between two packet blocks becomes an option that readers skip; in front of the first stands a block
   * that they skip, and that keeps the status word as it is.
   * @returns the offset behind the last packet block; the first byte to write is the block's own.
   */
  rewriteInPlace(block: number, fileOffset: number, interfaceId: number, index: FlowIndex): number {
    const u8 = this.#u8;
    const u16 = this.#u16;
    const u32 = this.#u32;
    const packets = u32[(block + BLOCK_PACKETS) >> 2];
    let header = block + u32[(block + BLOCK_FIRST_PACKET) >> 2];
    let first = 0;
    let before = 0;
    let end = 0;
    let foreign = 0;
    let bytes = 0;
    for (let n = 0; n < packets; n++) {
      // all that is needed of this packet's header is read before the option in front of its block is written over it
      const next = header + u32[(header + NEXT) >> 2];
      const second = u32[(header + SECONDS) >> 2];
      const nanoseconds = u32[(header + NANOSECONDS) >> 2];
      const status = u32[(header + STATUS) >> 2];
      let captured = u32[(header + PACKET_CAPTURED) >> 2];
      let original = u32[(header + ORIGINAL) >> 2];
      let frame = header + u16[(header + PACKET_MAC) >> 1];
      if (u8[header + PACKET_TYPE] === OTHER_HOST) foreign++;
      if ((status & VLAN_VALID) !== 0) {
        this.#putBackTag(header, frame, status);
        frame -= 4;
        captured += 4;
        original += 4;
      }
      bytes += original;
      const start = frame - FRAME_IN_BLOCK;
      if (n === 0) first = start;
      else this.#fillGap(before, end, start);
      if (second !== this.#second) this.#setSecond(second);
      let timeHigh = this.#secondHigh;
      let timeLow = this.#secondLow + nanoseconds;
      if (timeLow >= 4294967296) {
        timeLow -= 4294967296;
        timeHigh++;
      }
      const word = start >> 2;
      u32[word] = PACKET_BLOCK;
      u32[word + 2] = interfaceId;
      u32[word + 3] = timeHigh;
      u32[word + 4] = timeLow;
      u32[word + 5] = captured;
      u32[word + 6] = original;
      before = start;
      end = (frame + captured + 3) & ~3;
      if ((captured & 3) !== 0) u32[(end >> 2) - 1] &= 0xffffffff >>> ((4 - (captured & 3)) << 3);
      header = next;
    }
    u32[(before >> 2) + 1] = u32[end >> 2] = end + 4 - before;
    u32[block >> 2] = LEADING_BLOCK;
    u32[(block + 4) >> 2] = u32[(first - 4) >> 2] = first - block;
    this.#indexer.add(index, first, end + 4, fileOffset);
    this.stored = packets;
    this.filtered = 0;
    this.receivedBytes = bytes;
    this.foreign = foreign;
    return end + 4;
  }

  /** Ends the packet block at `block`, whose packet ends at `end`, where the next one begins: at least 12 bytes on. */
  #fillGap(block: number, end: number, next: number): void {
    const u32 = this.#u32;
    u32.fill(0, (end >> 2) + 1, (next - 4) >> 2); // nothing of what the ring held before, and opt_endofopt
    u32[end >> 2] = GAP_OPTION | ((next - end - 12) << 16);
    u32[(block >> 2) + 1] = u32[(next - 4) >> 2] = next - block;
  }

  /** Puts back the VLAN tag that the kernel took out: the addresses move four bytes to the front. */
  #putBackTag(header: number, frame: number, status: number): void {
    const u32 = this.#u32;
    const u16 = this.#u16;
    const word = frame >> 2;
    const tpid = (status & VLAN_TPID_VALID) !== 0 ? u16[(header + VLAN_TPID) >> 1] : 0x8100;
    const tci = u16[(header + VLAN_TCI) >> 1];
    u32[word - 1] = u32[word];
    u32[word] = u32[word + 1];
    u32[word + 1] = u32[word + 2];
    u16[(frame + 8) >> 1] = ((tpid & 0xff) << 8) | (tpid >> 8);
    u16[(frame + 10) >> 1] = ((tci & 0xff) << 8) | (tci >> 8);
  }

  /** Nanoseconds since 1970 exceed 2^53: the second's share is taken apart once a second. */
  #setSecond(second: number): void {
    const nanoseconds = BigInt(second) * 1_000_000_000n;
    this.#second = second;
    this.#secondHigh = Number(nanoseconds >> 32n);
    this.#secondLow = Number(nanoseconds & 0xffffffffn);
  }
}
