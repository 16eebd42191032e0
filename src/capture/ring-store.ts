// The ring thread's way to disk: takes blocks of the ring, has them rewritten and indexed, and writes them to the open
// segment. Large blocks go to disk straight from the ring's memory; small ones are gathered, so that a quiet network
// does not cost a page a packet.
import { closeSync, writeSync } from 'node:fs';
import { MssError, messageOf } from '../errors.ts';
import { MOST_KEYS } from '../pcap/packet-key.ts';
import { PADDING_BLOCK } from '../pcap/write-pcapng.ts';
import type { PacketTest } from '../query/packet-filter.ts';
import type { FlowIndex } from '../store/flow-index.ts';
import { createSealedHeader, type Recipient } from '../store/sealed/sealed-header.ts';
import { SealedWriter } from '../store/sealed/sealed-writer.ts';
import { createSegment } from '../store/segment-files.ts';
import { SEGMENT_HEADER_BYTES } from '../store/segment-header.ts';
import {
  BLOCK_FIRST_PACKET,
  BLOCK_PACKETS,
  BLOCK_USED_BYTES,
  type BlockRewriter,
  LEADING_BLOCK,
} from './block-rewriter.ts';

const PAGE_BYTES = 4096;
/** A block that holds less than this is copied behind the last one instead of beginning a page of its own. */
const GATHERED_BYTES = 128 * 1024;
/** What the copying needs: a page's worth from before, the block, and padding. */
export const STAGING_BYTES = GATHERED_BYTES + 3 * PAGE_BYTES;
/** A block that readers skip stands around the ring's status word, which must stay as it is until all is written. */
const LEADING_BYTES = 16;
/** Packets that take this much of the ring on average stay where they lie: a few percent more on disk, no copying. */
const LARGE_PACKET_BYTES = 768;
/** What the kernel's header takes in front of a packet, and an IP header, at least. */
const LEAST_HEADER_BYTES = 68;
const LEAST_LAYER_BYTES = 20;
/** The end of the last packet block, and the least that a padding block takes. */
const ENDING_BYTES = 4 + 12;

/** A ring and what belongs to it. */
export interface RingSource {
  u8: Uint8Array;
  u32: Uint32Array;
  rewriter: BlockRewriter;
  interfaceId: number;
}

export interface RingStoreOptions {
  /** the first page of each segment */
  header: Uint8Array;
  /** page-aligned memory of STAGING_BYTES */
  staging: ArrayBuffer;
  /** who may read what is stored, and page-aligned memory of SEALING_BYTES; absent: it is not encrypted */
  sealing?: { recipients: readonly Recipient[]; memory: ArrayBuffer };
  wanted: PacketTest | undefined;
  /** an empty index for the next segment; waits until one is free */
  takeIndex(): FlowIndex;
  /** throws where no segment may begin now */
  checkPlace?(): void;
  /** a segment ended, whole or broken; its index is not touched any more */
  onSegmentEnd(segment: { dir: string; number: number; index: FlowIndex; bytes: number; whole: boolean }): void;
}

interface OpenSegment {
  number: number;
  fd: number;
  index: FlowIndex;
  /** encrypts; undefined: nothing does */
  sealed: SealedWriter | undefined;
}

export class RingStore {
  readonly #options: RingStoreOptions;
  readonly #staging: Uint8Array;
  readonly #staging32: Uint32Array;
  #dir: string | undefined;
  #segmentBytes = 0;
  #segment: OpenSegment | undefined;
  /** end of the last packet in the segment */
  #length = 0;
  /** end of the file: where the padding behind the last packet ends */
  #fileEnd = 0;

  constructor(options: RingStoreOptions) {
    this.#options = options;
    this.#staging = new Uint8Array(options.staging);
    this.#staging32 = new Uint32Array(options.staging);
  }

  get dir(): string | undefined {
    return this.#dir;
  }

  /** Of the segment in hand; 0: there is none. */
  get openNumber(): number {
    return this.#segment?.number ?? 0;
  }

  /** Whether the segment in hand has a conversation seen from both ends. */
  get bothDirections(): boolean {
    return this.#segment?.index.bothDirections ?? false;
  }

  /** Goes on in another folder, or nowhere; the segment in hand is completed first. */
  setDir(dir: string | undefined, segmentBytes: number): void {
    this.endSegment();
    this.#dir = dir;
    this.#segmentBytes = segmentBytes;
  }

  /**
   * Stores one block of the ring. The block's memory is free for the kernel afterwards.
   * @returns bytes written.
   * @throws MssError `store`; the block's packets are then lost, and the segment is given up (see endSegment).
   */
  storeBlock(source: RingSource, block: number): number {
    const { u32 } = source;
    const packets = u32[(block + BLOCK_PACKETS) >> 2];
    const used = u32[(block + BLOCK_USED_BYTES) >> 2];
    const segment = this.#segmentFor(u32, block, packets, used);
    try {
      if (segment.sealed !== undefined) return this.#seal(segment.sealed, segment.index, source, block);
      return used < GATHERED_BYTES ? this.#gather(segment, source, block) : this.#writeFromRing(segment, source, block);
    } catch (cause) {
      this.endSegment(false);
      throw new MssError('store', `cannot write to ${this.#dir}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Completes the segment in hand, if any. `whole` false: what is on disk of it is all there will be. */
  endSegment(whole = true): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    const { number, index } = segment;
    let complete = whole;
    try {
      if (whole) segment.sealed?.end();
    } catch {
      complete = false;
    }
    try {
      closeSync(segment.fd);
    } catch {
      complete = false; // a share may say only now that it could not keep what it took
    }
    this.#options.onSegmentEnd({ dir: this.#dir!, number, index, bytes: this.#fileEnd, whole: complete });
  }

  #segmentFor(u32: Uint32Array, block: number, packets: number, used: number) {
    const open = this.#segment;
    if (open !== undefined) {
      const first = block + u32[(block + BLOCK_FIRST_PACKET) >> 2];
      const time = BigInt(u32[(first + 4) >> 2]) * 1_000_000_000n;
      const fits =
        open.index.room >= mostKeys(packets, used) &&
        this.#fileEnd + used <= this.#segmentBytes &&
        open.index.spans(Number(time >> 32n), Number(time & 0xffffffffn));
      if (fits) return open;
      this.endSegment();
    }
    this.#options.checkPlace?.();
    const { header, sealing } = this.#options;
    const lock = sealing && createSealedHeader(sealing.recipients);
    this.#staging.set(lock?.page ?? header); // no packet waits there any more
    const { number, fd } = createSegment(this.#dir!, this.#staging.subarray(0, header.length), true);
    this.#length = this.#fileEnd = SEGMENT_HEADER_BYTES;
    const memory = sealing && new Uint8Array(sealing.memory);
    const sealed = lock && memory && SealedWriter.into(fd, memory, lock.key, { kind: 'segment', number });
    this.#segment = { number, fd, index: this.#options.takeIndex(), sealed };
    return this.#segment;
  }

  /** Encrypted, from memory of its own: packet blocks only, one behind the other. */
  #seal(sealed: SealedWriter, index: FlowIndex, source: RingSource, block: number): number {
    const headerBytes = sealed.length === 0 ? sealed.append(this.#options.header) : 0;
    const from = block + LEADING_BYTES;
    const { rewriter, interfaceId, u8 } = source;
    const end = rewriter.rewrite(block, from, this.#length - from, interfaceId, index, this.#options.wanted);
    if (end === from) return 0; // nothing in it is to be stored
    const written = sealed.append(u8.subarray(from, end)) + headerBytes;
    this.#length = this.#fileEnd = sealed.length;
    return written;
  }

  /** Packet blocks behind the last ones; the last page is written again with more in it. */
  #gather(segment: { fd: number; index: FlowIndex }, source: RingSource, block: number): number {
    const kept = this.#length % PAGE_BYTES;
    const from = block + LEADING_BYTES;
    const end = source.rewriter.rewrite(
      block,
      from,
      this.#length - from,
      source.interfaceId,
      segment.index,
      this.#options.wanted,
    );
    if (end === from) return 0; // nothing in it is to be stored
    const bytes = end - from;
    this.#staging.set(source.u8.subarray(from, end), kept);
    const filled = kept + bytes;
    const padded = padToPage(this.#staging32, filled);
    writeAll(segment.fd, this.#staging, 0, padded, this.#length - kept);
    this.#fileEnd = this.#length - kept + padded;
    this.#length += bytes;
    this.#staging.copyWithin(0, filled - (filled % PAGE_BYTES), filled);
    return padded;
  }

  /** A full block from the ring's own memory. It begins a page, since O_DIRECT knows no other place. */
  #writeFromRing(segment: { fd: number; index: FlowIndex }, source: RingSource, block: number): number {
    const { u8, u32, interfaceId } = source;
    const { index } = segment;
    const { wanted } = this.#options;
    const position = this.#fileEnd;
    const offset = position - block;
    const used = u32[(block + BLOCK_USED_BYTES) >> 2];
    const large = used >= u32[(block + BLOCK_PACKETS) >> 2] * LARGE_PACKET_BYTES;
    // packets that stay leave no room of their own for what ends the page
    const room = alignUp(used + ENDING_BYTES) === alignUp(used);
    let end: number;
    if (large && room && wanted === undefined) end = source.rewriter.rewriteInPlace(block, offset, interfaceId, index);
    else {
      const from = block + LEADING_BYTES;
      end = source.rewriter.rewrite(block, from, offset, interfaceId, index, wanted);
      if (end === from) return 0; // nothing in it is to be stored
      u32[block >> 2] = LEADING_BLOCK;
      u32[(block + 4) >> 2] = LEADING_BYTES;
      u32[(from - 4) >> 2] = LEADING_BYTES;
    }
    const bytes = padToPage(u32, end) - block;
    writeAll(segment.fd, u8, block, bytes, position);
    this.#length = this.#fileEnd = position + bytes;
    return bytes;
  }
}

/** Keys that a block's packets have at most: each behind a packet's first takes an IP header (RFC 791) of its own. */
function mostKeys(packets: number, usedBytes: number): number {
  const frameBytes = usedBytes - packets * LEAST_HEADER_BYTES;
  return packets + Math.min(packets * (MOST_KEYS - 1), Math.floor(frameBytes / LEAST_LAYER_BYTES));
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** Fills up to the end of the page with a block that readers skip; it takes 12 bytes at least, else one page more. */
function padToPage(u32: Uint32Array, at: number): number {
  let end = alignUp(at);
  if (end === at) return at;
  if (end - at < 12) end += PAGE_BYTES;
  u32[at >> 2] = PADDING_BLOCK;
  u32[(at + 4) >> 2] = end - at;
  u32[(end - 4) >> 2] = end - at;
  return end;
}

function writeAll(fd: number, bytes: Uint8Array, from: number, length: number, position: number): void {
  for (let done = 0; done < length; ) done += writeSync(fd, bytes, from + done, length - done, position + done);
}
