import { expect, test } from 'vitest';
import { StreamText } from '../../../src/pcap/stream/stream-text.ts';
import { frame } from '../frames.ts';

const segment = (seq: number, text: string, flags = 0x18) => {
  const data = frame({
    src: '10.0.0.1',
    dst: '192.0.2.1',
    proto: 6,
    srcPort: 4000,
    dstPort: 80,
    seq,
    flags,
    payload: Buffer.from(text),
  });
  return { timeNs: 0n, linkType: 1, capturedLength: data.length, originalLength: data.length, data };
};
const read = (...packets: ReturnType<typeof segment>[]) => {
  const stream = new StreamText();
  return packets.map((packet) => stream.add(packet)).join('') + stream.end();
};
const HEAD = '\n--- 10.0.0.1:4000 > 192.0.2.1:80 tcp\n';

test('segments are put in order, what was sent again is shown once', () => {
  expect(
    read(segment(99, '', 2), segment(100, 'GET '), segment(106, 'TTP'), segment(104, '/H'), segment(100, 'GET /')),
  ).toBe(`${HEAD}GET /HTTP`);
});

test('sequence numbers wrap', () => {
  expect(read(segment(0xfffffffe, 'abcd'), segment(2, 'ef'))).toBe(`${HEAD}abcdef`);
});

test('missing bytes are said, bytes that are no text are escaped, padding of the link is no payload', () => {
  const padded = segment(110, 'b\u0007');
  padded.data = Buffer.concat([padded.data, Buffer.alloc(10, 'x')]);
  padded.capturedLength += 10;
  expect(read(segment(100, 'a'), padded)).toBe(`${HEAD}a\n[9 bytes missing]\nb\\x07`);
});

test('both ends are told apart', () => {
  const data = frame({
    src: '192.0.2.1',
    dst: '10.0.0.1',
    proto: 6,
    srcPort: 80,
    dstPort: 4000,
    seq: 7,
    payload: Buffer.from('200 OK'),
  });
  const answer = { ...segment(0, ''), data, capturedLength: data.length };
  expect(read(segment(1, 'GET'), answer)).toBe(`${HEAD}GET\n--- 192.0.2.1:80 > 10.0.0.1:4000 tcp\n200 OK`);
});
