// Blocks as the kernel leaves them, rewritten both ways: every packet is there, byte for byte, and pcapng readers agree.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BlockRewriter } from '../../src/capture/block-rewriter.ts';
import { createFlowIndexMemory, FlowIndex } from '../../src/store/flow-index.ts';
import { renderSegmentHeader } from '../../src/store/segment-header.ts';
import { frame } from '../pcap/frames.ts';
import { fillBlock } from './ring-block.ts';

const BLOCK_BYTES = 65_536;
const SECOND = 1_700_000_000;
const dir = mkdtempSync(join(tmpdir(), 'mss-rewrite-'));
afterAll(() => rmSync(dir, { recursive: true }));

const FRAMES = Array.from({ length: 40 }, (_, i) =>
  frame({
    src: i % 5 === 0 ? '2001:db8::1' : '10.0.0.1',
    dst: i % 5 === 0 ? '2001:db8::2' : '10.0.0.2',
    proto: 6,
    srcPort: 1000 + (i % 7),
    dstPort: 80,
    vlans: i % 3 === 0 ? [i + 1] : [],
    payload: Buffer.alloc(i % 2 === 0 ? 1300 + i : i, i),
  }),
);

/** Frames of the packet blocks in `bytes`, and all that stands beside them. */
function readBlocks(bytes: Buffer): { frames: string[]; times: bigint[] } {
  const frames: string[] = [];
  const times: bigint[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    expect(bytes.readUInt32LE(at + length - 4)).toBe(length);
    if (bytes.readUInt32LE(at) === 6) {
      const captured = bytes.readUInt32LE(at + 20);
      frames.push(bytes.subarray(at + 28, at + 28 + captured).toString('hex'));
      times.push((BigInt(bytes.readUInt32LE(at + 12)) << 32n) | BigInt(bytes.readUInt32LE(at + 16)));
      expect(bytes.subarray(at + 28 + captured, (at + 31 + captured) & ~3).every((byte) => byte === 0)).toBe(true);
    }
    at += length;
  }
  return { frames, times };
}

function rewrite(inPlace: boolean): { bytes: Buffer; rewriter: BlockRewriter; index: FlowIndex } {
  const ring = fillBlock(
    FRAMES.map((data, i) => ({ data, second: SECOND, nanosecond: 999_999_000 + i })),
    BLOCK_BYTES,
  );
  const rewriter = new BlockRewriter(ring);
  const index = new FlowIndex(createFlowIndexMemory(10, 1000));
  index.begin(1);
  const end = inPlace ? rewriter.rewriteInPlace(0, 4096, 0, index) : rewriter.rewrite(0, 0, 4096, 0, index, undefined);
  return { bytes: Buffer.from(ring, 0, end), rewriter, index };
}

for (const inPlace of [false, true]) {
  const way = inPlace ? 'left where they lie' : 'moved together';
  test(`packets ${way}: each with its tag, its time, and nothing of what was there before`, () => {
    const { bytes, rewriter, index } = rewrite(inPlace);
    const { frames, times } = readBlocks(bytes);
    expect(frames).toEqual(FRAMES.map((data) => data.toString('hex')));
    expect(times).toEqual(FRAMES.map((_, i) => BigInt(SECOND) * 1_000_000_000n + BigInt(999_999_000 + i)));
    expect(rewriter).toMatchObject({ stored: FRAMES.length, filtered: 0, foreign: FRAMES.length });
    expect(rewriter.receivedBytes).toBe(FRAMES.reduce((sum, data) => sum + data.length, 0));
    expect(index.packets).toBe(FRAMES.length);
    // the index says where each packet block begins in the segment
    for (const place of index.packetPlaces.subarray(0, index.packets)) {
      expect(bytes.readUInt32LE(place * 4 - 4096)).toBe(6);
    }
  });

  const tcpdump = spawnSync('tcpdump', ['--version']).status === 0;
  test.skipIf(!tcpdump)(`packets ${way}: tcpdump reads as many (skipped where there is none)`, () => {
    const path = join(dir, `${inPlace}.pcapng`);
    writeFileSync(path, Buffer.concat([renderSegmentHeader([{ linkType: 1 }]), rewrite(inPlace).bytes]));
    const { stdout } = spawnSync('tcpdump', ['-nr', path, 'len > 0'], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toHaveLength(FRAMES.length);
  });
}
