// A packet as capture files carry it. The bytes may be a view into a larger buffer: copy what must outlive the loop.

export interface CapturedPacket {
  /** nanoseconds since 1970 */
  timeNs: bigint;
  /** LINKTYPE_ value of https://www.tcpdump.org/linktypes.html (1 = Ethernet) */
  linkType: number;
  capturedLength: number;
  /** length on the wire; larger than capturedLength where the capture was cut */
  originalLength: number;
  data: Uint8Array;
}

/** What became of a capture file, filled in while it is read. */
export interface CaptureReport {
  format: 'unknown' | 'pcap' | 'pcapng';
  packets: number;
  /** bytes (after decompression) that could not be read as packets: a torn tail, or all after a damaged place */
  unreadableBytes: number;
  /** blocks that were whole but meant nothing, for instance a packet of an interface never described */
  skippedBlocks: number;
  /** where and why reading stopped early or skipped, or undefined when all was well */
  why?: string;
}

/** A report of a file of which nothing was read yet. */
export function emptyReport(): CaptureReport {
  return { format: 'unknown', packets: 0, unreadableBytes: 0, skippedBlocks: 0 };
}
