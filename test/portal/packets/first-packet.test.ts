import { expect, test } from 'vitest';
import { holdsPacket } from '../../../src/portal/packets/first-packet.ts';
import { block, section } from '../../pcap/sample.ts';

test.each([true, false])('a packet block is seen as soon as it begins (little endian: %s)', (little) => {
  const interfaces = block(little, 1, Buffer.alloc(8));
  const packet = block(little, 6, Buffer.alloc(28));
  expect(holdsPacket(Buffer.concat([section(little), interfaces]))).toBe(false);
  expect(holdsPacket(Buffer.concat([section(little), interfaces, packet.subarray(0, 8)]))).toBe(true);
  expect(holdsPacket(Buffer.concat([section(little), interfaces, packet.subarray(0, 7)]))).toBe(false);
});

test('what is no pcapng, or has a length that leads nowhere, holds none', () => {
  expect(holdsPacket(Buffer.from('mss: no packets'))).toBe(false);
  expect(holdsPacket(Buffer.concat([section(true), Buffer.alloc(40)]))).toBe(false);
});
