// Tags before the network header: what lies behind them is read, VLANs by number, E-tags passed over.
import { expect, test } from 'vitest';
import { W_PORTS, W_PROTO } from '../../src/pcap/key-words.ts';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { frame } from '../pcap/frames.ts';

const E_TAG = Buffer.from('893f00000001', 'hex');

function wordsOf(bytes: Buffer): number[] {
  const room = new Uint8Array((bytes.length + 1) & ~1);
  room.set(bytes);
  const keys = new PacketKeyReader(room.buffer);
  keys.read(0, bytes.length, 1);
  return [keys.words[W_PORTS], keys.words[W_PROTO]];
}

const parts = { src: '10.0.0.1', dst: '10.0.0.2', proto: 6, srcPort: 4000, dstPort: 80 };

test.each([[[]], [[7]], [[7, 9]]])('an E-tag before VLANs %j changes nothing', (vlans: number[]) => {
  const plain = frame({ ...parts, vlans });
  const tagged = Buffer.concat([plain.subarray(0, 12), E_TAG, Buffer.from([0, 0]), plain.subarray(12)]);
  expect(wordsOf(tagged)).toEqual(wordsOf(plain));
});

test('a frame of nothing but tags ends, and is no IP packet', () => {
  const tags = Buffer.concat([
    Buffer.alloc(12),
    ...Array.from({ length: 8000 }, () => Buffer.concat([E_TAG, Buffer.alloc(2)])),
  ]);
  expect(wordsOf(tags)[0]).toBe(0);
});
