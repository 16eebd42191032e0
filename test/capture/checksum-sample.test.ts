// A block as the kernel lays it out, and the share that doctor is told.
import { expect, test } from 'vitest';
import { BLOCK_FIRST_PACKET, BLOCK_PACKETS, PACKET_CAPTURED, PACKET_MAC } from '../../src/capture/block-rewriter.ts';
import { ChecksumSample, ChecksumShare } from '../../src/capture/checksum-sample.ts';
import { renderUdpFrame } from '../../src/pcap/render-frame.ts';

const ENDS = { src: '10.0.0.1', dst: '192.0.2.1', srcPort: 4000, dstPort: 53 };
const BLOCK_BYTES = 4096;

/** The second of two blocks, with one packet behind its header. */
function ringWith(frame: Buffer): ArrayBuffer {
  const ring = new ArrayBuffer(2 * BLOCK_BYTES);
  const view = new DataView(ring);
  view.setUint32(BLOCK_BYTES + BLOCK_PACKETS, 1, true);
  view.setUint32(BLOCK_BYTES + BLOCK_FIRST_PACKET, 48, true);
  const header = BLOCK_BYTES + 48;
  view.setUint32(header + PACKET_CAPTURED, frame.length, true);
  view.setUint16(header + PACKET_MAC, 84, true);
  new Uint8Array(ring).set(frame, header + 84);
  return ring;
}

test('the first packet of a block is looked at', () => {
  const frame = renderUdpFrame(ENDS, Buffer.from('question'));
  expect(new ChecksumSample(ringWith(frame)).take(BLOCK_BYTES)).toBe(true);
  frame[frame.length - 1] ^= 1;
  expect(new ChecksumSample(ringWith(frame)).take(BLOCK_BYTES)).toBe(false);
  frame.fill(0);
  expect(new ChecksumSample(ringWith(frame)).take(BLOCK_BYTES)).toBeUndefined();
});

test('the share: none of too few, and of the last ones rather than of all', () => {
  const share = new ChecksumShare();
  share.add(19, 19);
  expect(share.share).toBeUndefined();
  share.add(1, 0);
  expect(share.share).toBeCloseTo(0.95);
  for (let i = 0; i < 100; i++) share.add(100, 40);
  expect(share.share).toBeCloseTo(0.4, 2);
  for (let i = 0; i < 200; i++) share.add(100, 0);
  expect(share.share).toBeLessThan(0.001);
});
