import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readCaptureFile } from '../../src/os/capture-file.ts';
import { type CapturedPacket, emptyReport } from '../../src/pcap/packet.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { PcapngEncoder, paddingBlock } from '../../src/pcap/write-pcapng.ts';
import { block, inPieces, pcap, section, uint16s, words } from './sample.ts';

const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => i & 0xff);

async function read(chunks: AsyncIterable<Uint8Array>) {
  const report = emptyReport();
  const packets: CapturedPacket[] = [];
  for await (const packet of readCapture(chunks, report, 'sample'))
    packets.push({ ...packet, data: packet.data.slice() });
  return { packets, report };
}

test.each([
  ['us, little', 0xa1b2c3d4, true, 0, 1_000_000_007_000n],
  ['us, big', 0xa1b2c3d4, false, 0, 1_000_000_007_000n],
  ['ns, little', 0xa1b23c4d, true, 0, 1_000_000_000_007n],
  ['ns, big', 0xa1b23c4d, false, 0, 1_000_000_000_007n],
  ['modified', 0xa1b2cd34, true, 8, 1_000_000_007_000n],
])('pcap: %s', async (_, magic, little, extraHeader, timeNs) => {
  const file = pcap(
    magic,
    little,
    [
      [1000, 7, bytes(60)],
      [1000, 7, bytes(10), 1514],
      [1000, 7, bytes(0)],
    ],
    { linkType: 101, extraHeader },
  );
  for (const size of [1, 7, 1000]) {
    const { packets, report } = await read(inPieces(file, size));
    expect(report).toEqual({ format: 'pcap', packets: 3, unreadableBytes: 0, skippedBlocks: 0 });
    expect(packets[0]).toEqual({ timeNs, linkType: 101, capturedLength: 60, originalLength: 60, data: bytes(60) });
    expect(packets[1]).toEqual({ timeNs, linkType: 101, capturedLength: 10, originalLength: 1514, data: bytes(10) });
  }
});

test('a torn tail keeps the packets before it and counts the rest', async () => {
  const file = pcap(0xa1b2c3d4, true, [
    [1, 0, bytes(60)],
    [2, 0, bytes(60)],
  ]);
  const { packets, report } = await read(inPieces(file.subarray(0, -5), 16));
  expect(packets).toHaveLength(1);
  expect(report.unreadableBytes).toBe(71);
  expect(report.why).toBe('at byte 100: a packet of 60 bytes is cut off; 71 bytes unreadable');
});

test('a damaged length does not make the reader ask for gigabytes', async () => {
  const file = pcap(0xa1b2c3d4, true, [
    [1, 0, bytes(60)],
    [2, 0, bytes(60)],
  ]);
  file.writeUInt32LE(0xfffffff0, 100 + 8);
  const { packets, report } = await read(inPieces(file, 64));
  expect(packets).toHaveLength(1);
  expect(report.why).toMatch(/^at byte 100: a packet claims 4294967280 bytes/);
});

test.each([true, false])(
  'pcapng: sections, interfaces, resolutions, all packet blocks (little-endian first: %s)',
  async (little) => {
    const micros = (us: bigint) => [Number(us >> 32n), Number(us & 0xffffffffn)];
    const file = Buffer.concat([
      section(little),
      block(little, 1, Buffer.concat([uint16s(little, 1, 0), words(little, 0)])),
      block(
        little,
        1,
        Buffer.concat([
          uint16s(little, 113, 0),
          words(little, 65535),
          uint16s(little, 9, 1),
          Uint8Array.of(0x80 | 10, 0, 0, 0), // 2^-10 s
          uint16s(little, 14, 8),
          little ? words(little, 100, 0) : words(little, 0, 100),
          uint16s(little, 0, 0),
        ]),
      ),
      block(little, 6, Buffer.concat([words(little, 0, ...micros(1_700_000_000_000_001n), 5, 60), bytes(5)])),
      block(little, 0x0bad, bytes(9)), // unknown: skipped
      block(little, 6, Buffer.concat([words(little, 1, 0, 1536, 4, 4), bytes(4)])),
      block(little, 3, Buffer.concat([words(little, 3), bytes(3)])),
      block(little, 2, Buffer.concat([uint16s(little, 0, 0), words(little, ...micros(5n), 6, 6), bytes(6)])),
      block(little, 6, Buffer.concat([words(little, 9, 0, 0, 4, 4), bytes(4)])), // no such interface
      section(!little),
      block(!little, 1, Buffer.concat([uint16s(!little, 228, 0), words(!little, 2)])),
      block(!little, 3, Buffer.concat([words(!little, 40), bytes(2)])),
    ]);
    const { packets, report } = await read(inPieces(file, 11));
    expect(packets.map((p) => [p.timeNs, p.linkType, p.capturedLength, p.originalLength])).toEqual([
      [1_700_000_000_000_001_000n, 1, 5, 60],
      [101_500_000_000n, 113, 4, 4],
      [101_500_000_000n, 1, 3, 3],
      [5000n, 1, 6, 6],
      [5000n, 228, 2, 40],
    ]);
    expect(report.skippedBlocks).toBe(1);
    expect(report.why).toMatch(/no known interface/);
  },
);

test('pcapng: torn tails and damaged lengths', async () => {
  const file = Buffer.concat([
    section(true),
    block(true, 1, words(true, 1, 0)),
    block(true, 3, Buffer.concat([words(true, 3), bytes(3)])),
  ]);
  for (let cut = 1; cut < 20; cut++) {
    const { packets, report } = await read(inPieces(file.subarray(0, -cut), 5));
    expect(packets).toHaveLength(0);
    expect(report.unreadableBytes).toBe(20 - cut);
  }
  file.writeUInt32LE(24, file.length - 4);
  expect((await read(inPieces(file, 5))).report.why).toMatch(/two lengths of a block differ/);
});

test.each([
  ['', /has 0 bytes/],
  ['ab', /has 2 bytes/],
  ['not a capture at all', /starts with 6e6f7420/],
])('a file of "%s" is refused by name', async (text, message) => {
  await expect(read(inPieces(Buffer.from(text), 8))).rejects.toThrow(message);
  await expect(read(inPieces(Buffer.from(text), 8))).rejects.toThrow(/^sample: not a capture file/);
});

test('what the encoder writes is read back the same, whatever the link types', async () => {
  const packets: CapturedPacket[] = [1, 113, 1, 228].map((linkType, i) => ({
    timeNs: 1_700_000_000_123_456_789n + BigInt(i),
    linkType,
    capturedLength: 3 + i,
    originalLength: 100 + i,
    data: bytes(3 + i),
  }));
  const encoder = new PcapngEncoder();
  const file = Buffer.concat([...packets.map((p) => encoder.encode(p)), paddingBlock(16)]);
  const result = await read(inPieces(file, 13));
  expect(result.packets).toEqual(packets);
  expect(result.report.why).toBeUndefined();
});

test('gzip and zstd files, whole and cut off', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mss-capture-'));
  try {
    const file = pcap(
      0xa1b2c3d4,
      true,
      Array.from({ length: 200 }, (_, i) => [i, 0, Buffer.from(`${Math.sin(i)}`.repeat(20))]),
    );
    for (const [name, packed] of [
      ['gz', gzipSync(file)],
      ['zst', zstdCompressSync(file)],
    ] as const) {
      const path = join(dir, `a.pcap.${name}`);
      await writeFile(path, packed);
      expect((await read(readCaptureFile(path))).packets).toHaveLength(200);
      await writeFile(path, packed.subarray(0, packed.length >> 1));
      const torn = await read(readCaptureFile(path)).catch((error: Error) => error);
      if (torn instanceof Error)
        expect(torn.message).toMatch(/not a capture file/); // zstd may hold all in one block
      else {
        expect(torn.packets.length).toBeLessThan(200);
        expect(torn.report.why).toBeDefined();
      }
    }
    // damage in the middle: what was decompressed before it is kept
    const noise = Array.from({ length: 2000 }, (_, i) => createHash('sha512').update(`${i}`).digest());
    const large = gzipSync(
      pcap(
        0xa1b2c3d4,
        true,
        Array.from({ length: 40 }, (_, i) => [i, 0, Buffer.concat(noise)]),
      ),
      { level: 0 },
    );
    large[large.length - 100_000] ^= 0xff;
    large[large.length - 5] ^= 0xff;
    await writeFile(join(dir, 'bad.gz'), large);
    const bad = await read(readCaptureFile(join(dir, 'bad.gz')));
    expect(bad.packets.length).toBeGreaterThan(30);
    expect(bad.report.why).toBeDefined();
    await expect(read(readCaptureFile(join(dir, 'absent')))).rejects.toThrow(/absent: cannot be read/);
  } finally {
    await rm(dir, { recursive: true });
  }
});
