// Frames as a mirror shows them, whole and in fragments, until a datagram is read or given up.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FragmentTable } from '../../../src/capture/logs/fragment-table.ts';
import { readDatagram, readDatagramPart } from '../../../src/capture/logs/read-datagram.ts';
import { frame } from '../../pcap/frames.ts';

const v4 = { src: '10.0.0.1', dst: '192.0.2.9', proto: 17, srcPort: 40_000, dstPort: 514 };
const v6 = { ...v4, src: '2001:db8::1', dst: '2001:db8::9' };
const MORE = 0x2000;

/** The fragments of a message of `bytes`, each but the last with `each` bytes, a multiple of 8. */
function fragments(text: Buffer, each: number, ends = v4, identification = 7): Buffer[] {
  const datagram = Buffer.concat([Buffer.alloc(8), text]);
  datagram.writeUInt16BE(ends.srcPort, 0);
  datagram.writeUInt16BE(ends.dstPort, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  const frames: Buffer[] = [];
  for (let at = 0; at < datagram.length; at += each) {
    const more = at + each < datagram.length ? MORE : 0;
    const payload = datagram.subarray(at, at + each);
    // the test's frames add a UDP header to the first fragment: here it is part of the payload
    const made = frame({
      ...ends,
      fragment: (at / 8) | more,
      identification,
      payload: payload.subarray(at === 0 ? 8 : 0),
    });
    if (at === 0) datagram.copy(made, made.length - payload.length, 0, 8);
    frames.push(made);
  }
  return frames;
}

function assemble(table: FragmentTable, frames: readonly Buffer[], nowMs = 0): string[] {
  return frames.flatMap((bytes) => {
    const part = readDatagramPart(bytes)!;
    const whole = part.fragment === undefined ? part : table.add({ ...part, fragment: part.fragment }, nowMs);
    return whole === undefined ? [] : [readDatagram(whole)!.payload.toString('latin1')];
  });
}

test.each([
  ['IPv4', v4],
  ['IPv6', v6],
])('a whole datagram, %s: who, to whom, and what; padding of the link is no part of it', (_, ends) => {
  const padded = Buffer.concat([frame({ ...ends, payload: Buffer.from('<13>short') }), Buffer.alloc(9)]);
  expect(readDatagram(readDatagramPart(padded)!)).toEqual({
    source: ends.src,
    destination: ends.dst,
    port: 514,
    payload: Buffer.from('<13>short'),
  });
});

test('fragments in any order, some of them twice, are the message', () => {
  const message = Buffer.from(`<13>${'long '.repeat(600)}`);
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
  fc.assert(
    fc.property(order, fc.boolean(), fc.constantFrom(v4, v6), (places, twice, ends) => {
      const all = fragments(message, 504, ends);
      expect(all.length).toBe(6);
      const shown = places.map((place) => all[place]);
      const table = new FragmentTable([514]);
      expect(assemble(table, twice ? [...shown.slice(0, 3), ...shown] : shown)).toEqual([message.toString()]);
      expect([table.size, table.brokenDatagrams]).toEqual([0, 0]);
    }),
    { numRuns: 50 },
  );
});

test('datagrams to other ports leave nothing behind, though their later fragments came first', () => {
  const table = new FragmentTable([514]);
  const [first, ...later] = fragments(Buffer.alloc(2000), 1000, { ...v4, dstPort: 2049 });
  expect(assemble(table, [...later, first])).toEqual([]);
  expect([table.size, table.brokenDatagrams]).toEqual([0, 0]);
});

test('what is never whole, and what overlaps, is given up and counted', () => {
  const table = new FragmentTable([514]);
  const [first, second] = fragments(Buffer.alloc(2000, 'a'), 1000);
  assemble(table, [first]);
  table.expire(31_000);
  expect([table.size, table.brokenDatagrams]).toEqual([0, 1]);
  const [other] = fragments(Buffer.alloc(2000, 'b'), 1000);
  expect(assemble(table, [first, other, second])).toEqual([]);
  expect(table.brokenDatagrams).toBe(2);
});

test('a flood of fragments is bounded, and does not push out a message of which the first fragment was seen', () => {
  const table = new FragmentTable([514]);
  const message = Buffer.alloc(1500, 'm');
  const [first, last] = fragments(message, 1000);
  assemble(table, [first]);
  for (let id = 100; id < 1000; id++) assemble(table, [fragments(Buffer.alloc(2000), 1000, v4, id)[1]]);
  expect(table.size).toBeLessThanOrEqual(256);
  expect(assemble(table, [last])).toEqual([message.toString()]);
  expect(table.brokenDatagrams).toBe(0);
});

test('whatever the bytes, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0x0800, 0x86dd, 0x8100), (bytes, type) => {
      const head = Buffer.alloc(14);
      head.writeUInt16BE(type, 12);
      if (bytes.length > 9) [bytes[0], bytes[9], bytes[6]] = [type === 0x0800 ? 0x45 : 0x60, 17, 44];
      const part = readDatagramPart(Buffer.concat([head, bytes]));
      if (part !== undefined) readDatagram(part);
    }),
  );
});
