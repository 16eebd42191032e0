// What of a flow is stored when capture.cutoff is set.
import { expect, test } from 'vitest';
import { FlowCutoff } from '../../src/capture/flow-cutoff.ts';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { arp, type FrameParts, frame } from '../pcap/frames.ts';

const CUTOFF_BYTES = 3000;
const START_NS = 1_700_000_000e9;
const SYN = 2;
const ACK = 16;

const REQUEST: FrameParts = { src: '10.0.0.1', dst: '192.0.2.1', proto: 6, srcPort: 4000, dstPort: 80, flags: ACK };
const ANSWER: FrameParts = { ...REQUEST, src: '192.0.2.1', dst: '10.0.0.1', srcPort: 80, dstPort: 4000 };

function open(): { cutoff: FlowCutoff; takes(bytes: Buffer, seconds?: number): boolean } {
  const cutoff = new FlowCutoff(CUTOFF_BYTES, 1);
  const memory = new ArrayBuffer(65_536);
  const keys = new PacketKeyReader(memory);
  const takes = (bytes: Buffer, seconds = 0) => {
    new Uint8Array(memory).set(bytes);
    keys.read(0, bytes.length, 1);
    return cutoff.packet(keys, bytes.length, START_NS + seconds * 1e9);
  };
  return { cutoff, takes };
}

const large = (parts: FrameParts) => frame({ ...parts, payload: Buffer.alloc(946) }); // 1000 bytes over TCP

test('both directions together, up to the packet that crosses the cutoff; others are not touched by it', () => {
  const { cutoff, takes } = open();
  const stored = [REQUEST, ANSWER, REQUEST, ANSWER, ANSWER, REQUEST].map((parts) => takes(large(parts)));
  expect(stored).toEqual([true, true, true, false, false, false]);
  expect(cutoff.beyondPackets).toBe(3);
  expect(takes(large({ ...REQUEST, srcPort: 4001 }))).toBe(true);
  expect(takes(large({ ...REQUEST, proto: 17 }))).toBe(true);
  expect(takes(large({ ...REQUEST, vlans: [5] }))).toBe(false);
  for (let i = 0; i < 200; i++) expect(takes(arp('10.0.0.1', '10.0.0.2'))).toBe(i * 42 < CUTOFF_BYTES);
  for (let i = 0; i < 200; i++)
    expect(takes(Buffer.from('020000000001020000000002ffff01020304'.padEnd(120, '0'), 'hex'))).toBe(true);
});

test('the same ports begin anew: with a SYN, and after a silence, also where the clock was set back', () => {
  const { takes } = open();
  const exhaust = (seconds: number) => {
    while (takes(large(REQUEST), seconds));
  };
  exhaust(0);
  expect(takes(frame({ ...ANSWER, flags: SYN | ACK }))).toBe(false);
  expect(takes(frame({ ...REQUEST, flags: SYN }))).toBe(true);
  exhaust(0);
  expect(takes(large(REQUEST), 100)).toBe(false);
  expect(takes(large(REQUEST), 200)).toBe(false); // it is not silent
  expect(takes(large(REQUEST), 400)).toBe(true);
  exhaust(400);
  expect(takes(large(REQUEST), -1000)).toBe(true);
});

test('in a tunnel it is the inner flow that counts', () => {
  const { takes } = open();
  const tunnel = (srcPort: number) => {
    const inner = large({ ...REQUEST, srcPort });
    return frame({ src: '198.51.100.1', dst: '198.51.100.2', proto: 4, payload: inner.subarray(14) });
  };
  expect([1, 1, 1, 1, 1].map((port) => takes(tunnel(port)))).toEqual([true, true, true, false, false]);
  expect(takes(tunnel(2))).toBe(true);
});

test('a flood of small flows does not make it forget a large one', () => {
  const { takes } = open();
  for (let i = 0; i < 4; i++) takes(large(REQUEST));
  for (let i = 0; i < 200_000; i++) {
    takes(
      frame({ src: `10.${i & 255}.${(i >> 8) & 255}.1`, dst: '192.0.2.1', proto: 17, srcPort: i >> 16, dstPort: 53 }),
    );
  }
  expect(takes(large(REQUEST))).toBe(false);
});
