// pcapng: sections of blocks, each section with its own byte order and interfaces. draft-ietf-opsawg-pcapng.
import type { ByteSource } from './byte-source.ts';
import type { CapturedPacket, CaptureReport } from './packet.ts';
import { LONGEST_PACKET_BYTES, stop } from './read-pcap.ts';

/** The section header's block type: a palindrome, the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const LONGEST_BLOCK_BYTES = LONGEST_PACKET_BYTES + 1024 * 1024;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;

interface Interface {
  linkType: number;
  snaplen: number;
  /** time stamp units in a second */
  unitsPerSecond: bigint;
  offsetSeconds: bigint;
}

/** Packets of a pcapng file whose first block type has been seen but not taken. See readCapture. */
export async function* readPcapng(
  source: ByteSource,
  report: CaptureReport,
): AsyncGenerator<CapturedPacket, void, undefined> {
  report.format = 'pcapng';
  let little = true;
  let interfaces: Interface[] = [];
  let lastTimeNs = 0n; // a simple packet block has no time: it happened about when the one before it did
  while (source.available > 0 || (await source.fill(1))) {
    if (source.available < 12 && !(await source.fill(12))) return stop(source, report, 'a block header is cut off');
    const isSection = source.uint32(0, false) === SECTION_HEADER;
    if (isSection) {
      const order = source.uint32(8, false);
      if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) {
        return stop(source, report, 'a section header without byte order: the file is damaged');
      }
      little = order === 0x4d3c2b1a;
    }
    const type = source.uint32(0, little);
    const length = source.uint32(4, little);
    if (length < (isSection ? 28 : 12) || length % 4 !== 0 || length > LONGEST_BLOCK_BYTES) {
      return stop(source, report, `a block claims ${length} bytes: the file is damaged`);
    }
    if (source.available < length && !(await source.fill(length))) {
      return stop(source, report, `a block of ${length} bytes is cut off`);
    }
    if (source.uint32(length - 4, little) !== length) {
      return stop(source, report, 'the two lengths of a block differ: the file is damaged');
    }
    let packet: CapturedPacket | undefined;
    if (isSection) interfaces = [];
    else if (type === INTERFACE_DESCRIPTION && length >= 20) interfaces.push(readInterface(source, length, little));
    else if (type === ENHANCED_PACKET || type === OBSOLETE_PACKET || type === SIMPLE_PACKET) {
      packet = readPacket(source, type, length, little, interfaces, lastTimeNs);
      if (packet === undefined) {
        report.skippedBlocks++;
        report.why ??= `at byte ${source.offset}: a packet block that names no known interface or overruns its length`;
      }
    }
    source.skip(length);
    if (packet !== undefined) {
      lastTimeNs = packet.timeNs;
      yield packet;
    }
  }
}

function readInterface(source: ByteSource, length: number, little: boolean): Interface {
  const described: Interface = {
    linkType: source.uint16(8, little),
    snaplen: source.uint32(12, little),
    unitsPerSecond: 1_000_000n,
    offsetSeconds: 0n,
  };
  let at = 16;
  while (at + 4 <= length - 4) {
    const code = source.uint16(at, little);
    const size = source.uint16(at + 2, little);
    if (code === 0 || at + 4 + size > length - 4) break;
    if (code === OPTION_TSRESOL && size >= 1) {
      const value = source.peek(at + 4, 1)[0];
      described.unitsPerSecond = (value & 0x80) !== 0 ? 2n ** BigInt(value & 0x7f) : 10n ** BigInt(value);
    } else if (code === OPTION_TSOFFSET && size >= 8) {
      const low = source.uint32(at + (little ? 4 : 8), little);
      const high = source.uint32(at + (little ? 8 : 4), little);
      described.offsetSeconds = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
    }
    at += 4 + ((size + 3) & ~3);
  }
  return described;
}

function readPacket(
  source: ByteSource,
  type: number,
  length: number,
  little: boolean,
  interfaces: Interface[],
  lastTimeNs: bigint,
): CapturedPacket | undefined {
  if (type === SIMPLE_PACKET) {
    const from = interfaces[0];
    if (length < 16 || from === undefined) return undefined;
    const originalLength = source.uint32(8, little);
    const capturedLength = Math.min(originalLength, from.snaplen === 0 ? originalLength : from.snaplen, length - 16);
    return {
      timeNs: lastTimeNs,
      linkType: from.linkType,
      capturedLength,
      originalLength,
      data: source.peek(12, capturedLength),
    };
  }
  if (length < 32) return undefined;
  const from = interfaces[type === ENHANCED_PACKET ? source.uint32(8, little) : source.uint16(8, little)];
  const capturedLength = source.uint32(20, little);
  if (from === undefined || capturedLength > length - 32) return undefined;
  const units = (BigInt(source.uint32(12, little)) << 32n) | BigInt(source.uint32(16, little));
  return {
    timeNs: toNanoseconds(units, from),
    linkType: from.linkType,
    capturedLength,
    originalLength: source.uint32(24, little),
    data: source.peek(28, capturedLength),
  };
}

function toNanoseconds(units: bigint, from: Interface): bigint {
  const whole = from.unitsPerSecond === 1_000_000_000n ? units : (units * 1_000_000_000n) / from.unitsPerSecond;
  return whole + from.offsetSeconds * 1_000_000_000n;
}
