// Our own limit: blocks as the kernel fills them, recorded in memory, through the product's rewriting, index and
// writing as fast as one core goes: `node limit.ts INTERFACE MIX DIR`, answered by a line of JSON. The memory is that of
// a real ring on a quiet interface, since it is from such pages that the disk takes the packets.
import { BLOCK_PACKETS, BlockRewriter } from '../../../src/capture/block-rewriter.ts';
import { RingStore, STAGING_BYTES } from '../../../src/capture/ring-store.ts';
import { openPacketRing, pageAlignedBuffer } from '../../../src/os/packet-socket.ts';
import { MOST_KEYS, PacketKeyReader } from '../../../src/pcap/packet-key.ts';
import { createFlowIndexMemory, FlowIndex } from '../../../src/store/flow-index.ts';
import { renderIndex } from '../../../src/store/render-index.ts';
import { createPacketKey } from '../../../src/store/sealed/packet-keys.ts';
import { SEALING_BYTES } from '../../../src/store/sealed/sealed-writer.ts';
import { listSegments, removeSegment } from '../../../src/store/segment-files.ts';
import { renderSegmentHeader } from '../../../src/store/segment-header.ts';
import { BLOCK_BYTES, fillBlocks } from './recorded-ring.ts';
import { type Mix, makeTraffic } from './traffic.ts';

/** What is recorded: about one segment. The ring that it is played into is as hot in the caches as a real one. */
const RECORDED_BLOCKS = 32;
const RING_BLOCKS = 2;
const ROUNDS = 6;
const WARM_UP_ROUNDS = 2;

/** Processor time in microseconds a packet, by stage. */
export interface Limit {
  /** key of each packet and its entry in the index */
  indexUs: number;
  /** packets to pcapng blocks */
  rewriteUs: number;
  writeUs: number;
  /** the writing, where packets are encrypted on the way */
  sealUs: number;
  /** the index file; done by a thread of its own */
  renderIndexUs: number;
  /** of the capture thread alone: packets a second that one core takes, and bytes on the wire */
  packetsPerSecond: number;
  gigabytesPerSecond: number;
}

const [device, mix, dir] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measureLimit())}\n`);

/** Segments go to `dir`, never more than one of them at a time. */
function measureLimit(): Limit {
  const recorded = new Uint8Array(RECORDED_BLOCKS * BLOCK_BYTES);
  const { packets, bytes } = fillBlocks(recorded.buffer, makeTraffic(mix as Mix));
  const ring = openRing();
  const u8 = new Uint8Array(ring, BLOCK_BYTES);
  const u32 = new Uint32Array(ring);
  const rewriter = new BlockRewriter(ring);
  const index = new FlowIndex(createFlowIndexMemory(18, packets * MOST_KEYS));
  const options = {
    header: renderSegmentHeader([{ linkType: 1, name: 'ring' }]),
    staging: pageAlignedBuffer(STAGING_BYTES),
    wanted: undefined,
    takeIndex: () => index,
    onSegmentEnd: () => {},
  };
  const store = new RingStore(options);
  const recipients = [{ publicKey: createPacketKey().publicKey, isWriter: false }];
  const sealing = new RingStore({
    ...options,
    sealing: { recipients, memory: pageAlignedBuffer(SEALING_BYTES) },
  });
  const source = { u8: new Uint8Array(ring), u32, rewriter, interfaceId: 0 };
  const readKeys = keyReader(ring, u32, index);

  /** Processor time of `work` on each block of what is recorded. */
  const play = (work: (block: number) => void): number => {
    let us = 0;
    index.clear();
    index.begin(1);
    for (let at = 0; at < recorded.length; at += u8.length) {
      u8.set(recorded.subarray(at, at + u8.length));
      us += processorUs(() => {
        for (let block = BLOCK_BYTES; block <= u8.length; block += BLOCK_BYTES) work(block);
      });
    }
    return us;
  };
  const sum = { keys: 0, rewritten: 0, stored: 0, sealed: 0, rendered: 0 };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const keys = play(readKeys);
    const rewritten = play((block) => rewriter.rewrite(block, block + 16, -block, 0, index, undefined));
    const rendered = processorUs(() => renderIndex(index, 4096));
    const [stored, sealed] = [store, sealing].map((one) => {
      one.setDir(dir, Number.MAX_SAFE_INTEGER);
      const us = play((block) => one.storeBlock(source, block));
      one.setDir(undefined, 0);
      for (const segment of listSegments(dir)) removeSegment(segment);
      return us;
    });
    if (round < 0) continue;
    sum.keys += keys;
    sum.rewritten += rewritten;
    sum.stored += stored;
    sum.sealed += sealed;
    sum.rendered += rendered;
  }
  const perPacket = (us: number) => us / packets / ROUNDS;
  return {
    indexUs: perPacket(sum.keys),
    rewriteUs: perPacket(sum.rewritten - sum.keys),
    writeUs: perPacket(sum.stored - sum.rewritten),
    sealUs: perPacket(sum.sealed - sum.rewritten),
    renderIndexUs: perPacket(sum.rendered),
    packetsPerSecond: (packets * ROUNDS * 1e6) / sum.stored,
    gigabytesPerSecond: (bytes * ROUNDS) / sum.stored / 1000,
  };
}

/** The kernel keeps an eye on the first block, the one that it would fill next; the others are ours. */
function openRing(): ArrayBuffer {
  const blocks = RING_BLOCKS + 1;
  return openPacketRing({ interface: device, blockBytes: BLOCK_BYTES, blocks, retireMs: 1000, snaplenBytes: 65535 })
    .buffer;
}

/** Reading each packet's key and adding it to the index, and nothing else. */
function keyReader(ring: ArrayBuffer, u32: Uint32Array, index: FlowIndex): (block: number) => void {
  const keys = new PacketKeyReader(ring);
  return (block) => {
    let header = block + 48;
    for (let left = u32[(block + BLOCK_PACKETS) >> 2]; left > 0; left--) {
      keys.read(header + 84, u32[(header + 12) >> 2], 1);
      index.add(keys.words, 1, u32[(header + 8) >> 2], header >> 2);
      header += u32[header >> 2];
    }
  };
}

function processorUs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}
