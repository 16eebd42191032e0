// Frames with checksums that render-frame.ts made, and what breaks them.
import { expect, test } from 'vitest';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { renderTcpFrame, renderUdpFrame } from '../../src/pcap/render-frame.ts';
import { hasRightChecksums } from '../../src/pcap/verify-checksum.ts';
import { arp, frame } from './frames.ts';

const ENDS = { src: '10.0.0.1', dst: '192.0.2.1', srcPort: 4000, dstPort: 80 };
const PAYLOADS = [0, 1, 2, 7, 100, 1401].map((length) => Buffer.alloc(length, 0xa5));
const tcp = (payload: Buffer) => renderTcpFrame(ENDS, { seq: 1, ack: 2, flags: 0x18, payload });
const udp = (payload: Buffer) => renderUdpFrame(ENDS, payload);

/** At an even place in a larger buffer, as in the ring; `captured` of its bytes are there. */
function check(bytes: Buffer, captured = bytes.length): boolean | undefined {
  const buffer = Buffer.alloc(2 * 4096, 0xff);
  buffer.set(bytes.subarray(0, captured), 130);
  const memory = new Uint8Array(buffer).buffer;
  const keys = new PacketKeyReader(memory);
  keys.read(130, captured, 1);
  return hasRightChecksums(keys);
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

test.each([
  ['TCP', tcp],
  ['UDP', udp],
])('%s of any length: right as it is, wrong with any byte of it changed, padding of the link aside', (_, make) => {
  for (const payload of PAYLOADS) {
    const bytes = make(payload);
    expect(check(bytes)).toBe(true);
    expect(check(Buffer.concat([bytes, Buffer.alloc(6, 0x77)]))).toBe(true);
    for (const at of [22, 24, 26, 30, 34, bytes.length - 1]) {
      expect(check(withByte(bytes, at, bytes[at] ^ 0x55)), `byte ${at} of ${bytes.length}`).toBe(false);
    }
  }
});

test('a VLAN tag and IPv6 change nothing', () => {
  const bytes = tcp(PAYLOADS[4]);
  const tagged = Buffer.concat([bytes.subarray(0, 12), Buffer.from('81000007', 'hex'), bytes.subarray(12)]);
  expect(check(tagged)).toBe(true);
  const six = frame({
    src: '2001:db8::1',
    dst: '2001:db8::2',
    proto: 17,
    srcPort: 1,
    dstPort: 2,
    payload: PAYLOADS[3],
  });
  // worked out by hand: addresses, 15 bytes of UDP, ports 1 and 2, seven times 0xa5
  const words = [0x2001, 0xdb8, 1, 0x2001, 0xdb8, 2, 15, 17, 1, 2, 15, 0xa5a5, 0xa5a5, 0xa5a5, 0xa500];
  let sum = words.reduce((total, word) => total + word, 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  six.writeUInt16BE(~sum & 0xffff, 14 + 40 + 6);
  expect(check(six)).toBe(true);
  expect(check(withByte(six, 14 + 40 + 8, 0))).toBe(false);
});

test('nothing is said of what cannot be known', () => {
  const whole = tcp(PAYLOADS[4]);
  expect(check(whole, whole.length - 1)).toBeUndefined(); // cut by the snap length
  for (let captured = 0; captured < whole.length; captured++) expect(check(whole, captured)).not.toBe(true);
  expect(check(frame({ src: '::1', dst: '::2', proto: 17, extension: true }))).toBeUndefined();
  expect(check(frame({ src: '::1', dst: '::2', proto: 17 }))).toBeUndefined(); // no checksum
  expect(check(frame({ src: '::1', dst: '::2', proto: 6, fragment: 3 }))).toBeUndefined();
  expect(check(arp('10.0.0.1', '10.0.0.2'))).toBeUndefined();
});
