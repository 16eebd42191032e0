// Writes packets of any source into a store: ordinary pcapng segments, each with its index. For files; the capture
// service has its own way from the kernel's ring, to the same files.

import { randomInt } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import type { CapturedPacket } from '../pcap/packet.ts';
import { MOST_KEYS, PacketKeyReader } from '../pcap/packet-key.ts';
import { packetBlockBytes, putPacketBlock } from '../pcap/write-pcapng.ts';
import { createFlowIndexMemory, FlowIndex } from './flow-index.ts';
import { renderIndex } from './render-index.ts';
import { createSegment, sealSegment } from './segment-files.ts';
import { MOST_INTERFACES, renderSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';

const CHUNK_BYTES = 1024 * 1024;
const SLOT_BITS = 17;
const LEAST_PACKET_BLOCK = 32;

export interface StoreWriterSummary {
  packets: number;
  /** of packet blocks */
  bytes: number;
  segments: number;
  /** flow records: a conversation counts once in each segment it is in */
  flows: number;
}

export class StoreWriter {
  readonly #dir: string;
  readonly #segmentBytes: number;
  readonly #index: FlowIndex;
  readonly #linkTypes: number[] = [];
  readonly #summary: StoreWriterSummary = { packets: 0, bytes: 0, segments: 0, flows: 0 };
  #chunk = new Uint8Array(CHUNK_BYTES);
  #keys = new PacketKeyReader(this.#chunk.buffer);
  #filled = 0;
  #segment: { number: number; fd: number } | undefined;
  /** where the chunk's first byte goes in the segment */
  #position = 0;

  /**
   * @param dir an existing folder.
   * @param segmentBytes a segment is closed when it has grown to this.
   */
  constructor(dir: string, segmentBytes = 128 * 1024 * 1024) {
    this.#dir = dir;
    this.#segmentBytes = segmentBytes;
    this.#index = new FlowIndex(
      createFlowIndexMemory(SLOT_BITS, Math.ceil(segmentBytes / LEAST_PACKET_BLOCK) + MOST_KEYS),
    );
  }

  get summary(): Readonly<StoreWriterSummary> {
    return this.#summary;
  }

  /** Stores one packet as it is: link type, time stamp and both lengths. Throws `store` or what node:fs throws. */
  appendPacket(packet: CapturedPacket): void {
    const time = BigInt.asUintN(64, packet.timeNs);
    const high = Number(time >> 32n);
    const low = Number(time & 0xffffffffn);
    const bytes = packetBlockBytes(packet.data.length);
    const interfaceId = this.#makeRoom(packet.linkType, high, low, bytes);
    const at = this.#filled;
    this.#filled = putPacketBlock(this.#chunk, at, interfaceId, packet);
    this.#keys.read(at + 28, packet.data.length, packet.linkType);
    this.#index.add(this.#keys.words, high, low, (this.#position + at) / 4);
    if (this.#keys.count > 1) this.#index.addInner(this.#keys, high, low, (this.#position + at) / 4);
    this.#summary.packets++;
    this.#summary.bytes += bytes;
  }

  /** Hands everything to the operating system: readers find it from then on. */
  flush(): void {
    if (this.#segment === undefined || this.#filled === 0) return;
    for (let at = 0; at < this.#filled; ) {
      at += writeSync(this.#segment.fd, this.#chunk, at, this.#filled - at, this.#position + at);
    }
    this.#position += this.#filled;
    this.#filled = 0;
  }

  /** Completes the last segment and says what was stored. */
  close(): StoreWriterSummary {
    this.#closeSegment();
    return { ...this.#summary };
  }

  /** Whatever the next packet needs: a segment that may take it, its interface, space in the chunk. */
  #makeRoom(linkType: number, timeHigh: number, timeLow: number, bytes: number): number {
    let interfaceId = this.#linkTypes.indexOf(linkType);
    if (
      interfaceId < 0 ||
      this.#index.room < MOST_KEYS ||
      !this.#index.spans(timeHigh, timeLow) ||
      this.#position + this.#filled >= this.#segmentBytes
    ) {
      this.#closeSegment();
    }
    if (interfaceId < 0) {
      // a hostile file may name more of them than a segment's first page describes
      if (this.#linkTypes.length === MOST_INTERFACES) this.#linkTypes.length = 0;
      interfaceId = this.#linkTypes.push(linkType) - 1;
    }
    if (this.#segment === undefined) this.#openSegment();
    if (this.#filled + bytes > this.#chunk.length) {
      this.flush();
      if (bytes > this.#chunk.length) {
        this.#chunk = new Uint8Array(bytes);
        this.#keys = new PacketKeyReader(this.#chunk.buffer);
      }
    }
    return interfaceId;
  }

  #openSegment(): void {
    const header = renderSegmentHeader(this.#linkTypes.map((linkType) => ({ linkType })));
    this.#segment = createSegment(this.#dir, header);
    this.#position = SEGMENT_HEADER_BYTES;
    this.#index.clear();
    this.#index.begin(randomInt(2 ** 32));
    this.#summary.segments++;
  }

  #closeSegment(): void {
    if (this.#segment === undefined) return;
    this.flush();
    const { number, fd } = this.#segment;
    closeSync(fd);
    this.#segment = undefined;
    this.#summary.flows += this.#index.flows;
    sealSegment(this.#dir, number, renderIndex(this.#index, this.#position));
  }
}
