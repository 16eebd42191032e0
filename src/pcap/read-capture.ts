// Reads a capture file of any kind from its chunks: tells the kinds apart by their magic numbers.
import { MssError } from '../errors.ts';
import { ByteSource } from './byte-source.ts';
import { type CapturedPacket, type CaptureReport, emptyReport } from './packet.ts';
import { PCAP_MAGICS, readPcap } from './read-pcap.ts';
import { readPcapng, SECTION_HEADER } from './read-pcapng.ts';

/**
 * The packets of a pcap or pcapng file, in file order.
 * A torn tail or a damaged place ends the iteration quietly: `report` then tells how many bytes were unreadable and why,
 * and the packets before it have all been given.
 * @param chunks the file's bytes, decompressed.
 * @param report filled in as reading goes on.
 * @param name what to call the file in errors.
 * @throws MssError `input` where the file is no capture file at all.
 */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array>,
  report: CaptureReport = emptyReport(),
  name = 'capture file',
): AsyncGenerator<CapturedPacket, void, undefined> {
  const source = new ByteSource(chunks);
  try {
    if (!(await source.fill(4))) {
      const why = source.failure === undefined ? `it has ${source.available} bytes` : source.failure.message;
      throw new MssError('input', `${name}: not a capture file: ${why}`);
    }
    const magic = source.uint32(0, false);
    const packets =
      magic === SECTION_HEADER
        ? readPcapng(source, report)
        : PCAP_MAGICS.has(magic)
          ? readPcap(source, report)
          : undefined;
    if (packets === undefined) {
      const start = magic.toString(16).padStart(8, '0');
      throw new MssError(
        'input',
        `${name}: not a capture file: starts with ${start}; pcap and pcapng (also gzip or zstd) are read`,
      );
    }
    for await (const packet of packets) {
      report.packets++;
      yield packet;
    }
    if (source.failure !== undefined) report.why = `after ${source.offset} bytes: ${source.failure.message}`;
  } finally {
    await source.close();
  }
}
