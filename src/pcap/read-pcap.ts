// The classic pcap file: one header, then packets. draft-ietf-opsawg-pcap, and Kuznetzov's variant with longer headers.
import type { ByteSource } from './byte-source.ts';
import type { CapturedPacket, CaptureReport } from './packet.ts';

interface Variant {
  little: boolean;
  fractionNs: number;
  recordHeaderBytes: number;
}

/** Magic numbers as big-endian readings of the first four bytes. */
export const PCAP_MAGICS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { little: false, fractionNs: 1000, recordHeaderBytes: 16 }],
  [0xd4c3b2a1, { little: true, fractionNs: 1000, recordHeaderBytes: 16 }],
  [0xa1b23c4d, { little: false, fractionNs: 1, recordHeaderBytes: 16 }],
  [0x4d3cb2a1, { little: true, fractionNs: 1, recordHeaderBytes: 16 }],
  // Kuznetzov's: interface index, protocol and packet type follow the usual record header
  [0xa1b2cd34, { little: false, fractionNs: 1000, recordHeaderBytes: 24 }],
  [0x34cdb2a1, { little: true, fractionNs: 1000, recordHeaderBytes: 24 }],
]);

/** No packet is longer: USB captures reach 128 MB (libpcap's MAXIMUM_SNAPLEN), nothing else passes 256 KB. */
export const LONGEST_PACKET_BYTES = 128 * 1024 * 1024;
const FILE_HEADER_BYTES = 24;

/** Packets of a pcap file whose magic number has been seen but not taken. See readCapture. */
export async function* readPcap(
  source: ByteSource,
  report: CaptureReport,
): AsyncGenerator<CapturedPacket, void, undefined> {
  report.format = 'pcap';
  if (!(await source.fill(FILE_HEADER_BYTES))) return stop(source, report, 'the file header is cut off');
  const { little, fractionNs, recordHeaderBytes } = PCAP_MAGICS.get(source.uint32(0, false))!;
  const linkType = source.uint32(20, little) & 0xffff; // the bits above tell of a frame check sequence
  source.skip(FILE_HEADER_BYTES);
  while (source.available > 0 || (await source.fill(1))) {
    if (source.available < recordHeaderBytes && !(await source.fill(recordHeaderBytes))) {
      return stop(source, report, 'a packet header is cut off');
    }
    const capturedLength = source.uint32(8, little);
    if (capturedLength > LONGEST_PACKET_BYTES) {
      return stop(source, report, `a packet claims ${capturedLength} bytes: the file is damaged`);
    }
    const recordBytes = recordHeaderBytes + capturedLength;
    if (source.available < recordBytes && !(await source.fill(recordBytes))) {
      return stop(source, report, `a packet of ${capturedLength} bytes is cut off`);
    }
    const timeNs = BigInt(source.uint32(0, little)) * 1_000_000_000n + BigInt(source.uint32(4, little) * fractionNs);
    const originalLength = source.uint32(12, little);
    const data = source.peek(recordHeaderBytes, capturedLength);
    source.skip(recordBytes);
    yield { timeNs, linkType, capturedLength, originalLength, data };
  }
}

/** Ends reading at the source's offset: counts what is left as unreadable and says why. */
export async function stop(source: ByteSource, report: CaptureReport, why: string): Promise<void> {
  const offset = source.offset;
  report.unreadableBytes = await source.drain();
  report.why = `at byte ${offset}: ${why}; ${report.unreadableBytes} bytes unreadable`;
}
