// Remembered flows change nothing: the index is the same, byte for byte, as when each packet's key is read.
import { expect, test } from 'vitest';
import { BlockIndexer } from '../../src/capture/block-indexer.ts';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { packetBlockBytes, putPacketBlock } from '../../src/pcap/write-pcapng.ts';
import { createFlowIndexMemory, FlowIndex } from '../../src/store/flow-index.ts';
import { renderIndex } from '../../src/store/render-index.ts';
import { type FrameParts, frame } from '../pcap/frames.ts';

const SECOND_NS = 1_000_000_000n;
const START_NS = 1_700_000_000n * SECOND_NS;

let state = 7;
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const pick = <T>(values: readonly T[]): T => values[random(values.length)];

/** Few values of each field, so that flows come again, and neighbours differ in a single field. */
function makeFrame(): Buffer {
  const v6 = random(3) === 0;
  const ends = v6 ? ['2001:db8::1', '2001:db8::2', '2001:db8:1::1'] : ['10.0.0.1', '10.0.0.2', '10.1.0.1'];
  const parts: FrameParts = {
    src: pick(ends),
    dst: pick(ends),
    proto: pick([6, 6, 17, 1]),
    srcPort: pick([1000, 1001, 4789]),
    dstPort: pick([80, 4789, 6081]),
    vlans: pick([[], [], [7], [8], [7, 9]]),
    icmp: [8, 0],
    payload: Buffer.alloc(pick([0, 1, 20, 60]), 0x08),
  };
  if (random(8) === 0) parts.fragment = 3;
  if (v6 && random(4) === 0) parts.extension = true;
  const bytes = frame(parts);
  if (random(6) === 0) bytes[random(bytes.length)] = random(256);
  return random(6) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

function emptyIndex(packets: number): FlowIndex {
  const index = new FlowIndex(createFlowIndexMemory(16, packets * 3));
  index.begin(99);
  return index;
}

test('remembered or read, the flows and the places of their packets are the same', () => {
  const packets = 20_000;
  const memory = new Uint8Array(packets * 256);
  const [remembered, read] = [emptyIndex(packets), emptyIndex(packets)];
  const keys = new PacketKeyReader(memory.buffer);
  let at = 0;
  for (let i = 0; i < packets; i++) {
    const data = makeFrame();
    // mostly forward, now and then a step back
    const timeNs = START_NS + BigInt(i * 3_000_000 - (random(50) === 0 ? 400_000_000 : 0));
    const [high, low] = [Number(timeNs >> 32n), Number(timeNs & 0xffffffffn)];
    const packet = { timeNs, linkType: 1, capturedLength: data.length, originalLength: data.length, data };
    putPacketBlock(memory, at, 0, packet);
    keys.read(at + 28, data.length, 1);
    read.add(keys.words, high, low, at / 4);
    if (keys.count > 1) read.addInner(keys, high, low, at / 4);
    at += packetBlockBytes(data.length);
  }
  const indexer = new BlockIndexer(memory.buffer);
  indexer.add(remembered, 0, at, 0);
  expect(remembered.flows).toBeGreaterThan(100);
  expect(remembered.bothDirections).toBe(true);
  expect(Buffer.compare(renderIndex(remembered, at), renderIndex(read, at))).toBe(0);
});

test('flows of one index are not taken for those of the next', () => {
  const memory = new Uint8Array(1024);
  const data = frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 6, srcPort: 1, dstPort: 2, payload: Buffer.alloc(40) });
  const packet = { timeNs: START_NS, linkType: 1, capturedLength: data.length, originalLength: data.length, data };
  putPacketBlock(memory, 0, 0, packet);
  const indexer = new BlockIndexer(memory.buffer);
  const index = emptyIndex(10);
  for (let segment = 0; segment < 2; segment++) {
    index.clear();
    index.begin(segment);
    indexer.add(index, 0, packetBlockBytes(data.length), 0);
    expect(index).toMatchObject({ flows: 1, packets: 1 });
  }
});

test.each([4, 6])(
  'a conversation over IPv%i is seen from both ends when its second end answers, and not before',
  (version) => {
    const memory = new Uint8Array(1024);
    const [src, dst] = version === 4 ? ['10.0.0.9', '10.0.0.2'] : ['2001:db8::9', '2001:db8::2'];
    const there = frame({ src, dst, proto: 6, srcPort: 1, dstPort: 2, payload: Buffer.alloc(40) });
    const back = frame({ src: dst, dst: src, proto: 6, srcPort: 2, dstPort: 1, payload: Buffer.alloc(40) });
    const bytes = packetBlockBytes(there.length);
    for (const [i, data] of [there, there, back].entries()) {
      const packet = { timeNs: START_NS, linkType: 1, capturedLength: data.length, originalLength: data.length, data };
      putPacketBlock(memory, i * bytes, 0, packet);
    }
    const index = emptyIndex(3);
    const indexer = new BlockIndexer(memory.buffer);
    indexer.add(index, 0, 2 * bytes, 0);
    expect(index.bothDirections).toBe(false);
    indexer.add(index, 2 * bytes, 3 * bytes, 0);
    expect(index).toMatchObject({ flows: 1, packets: 3, bothDirections: true });
  },
);
