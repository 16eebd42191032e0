// The first page of a segment: section header, one interface description per link type, padding up to the page.
// That every segment has all its interfaces here lets a reader jump straight to any packet.
import { MssError } from '../errors.ts';
import { interfaceBlock, paddingBlock, sectionHeaderBlock } from '../pcap/write-pcapng.ts';

export const SEGMENT_HEADER_BYTES = 4096;
export const MOST_INTERFACES = 100;

export interface SegmentInterface {
  linkType: number;
  /** for people who open the segment; absent for packets out of files */
  name?: string;
}

/** Renders the first page. Interface n of packet blocks is the n-th here. */
export function renderSegmentHeader(interfaces: readonly SegmentInterface[]): Uint8Array {
  if (interfaces.length > MOST_INTERFACES) {
    throw new MssError('store', `${interfaces.length} interfaces in one segment (${MOST_INTERFACES} at most)`);
  }
  const blocks = [sectionHeaderBlock(), ...interfaces.map(({ linkType, name }) => interfaceBlock(linkType, 0, name))];
  const used = blocks.reduce((sum, block) => sum + block.length, 0);
  return Buffer.concat([...blocks, paddingBlock(SEGMENT_HEADER_BYTES - used)]);
}

/** Link types by interface number. Throws `store` where the page is not one of ours. */
export function parseSegmentHeader(page: Uint8Array): number[] {
  const linkTypes: number[] = [];
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  if (page.length < SEGMENT_HEADER_BYTES || view.getUint32(0, true) !== 0x0a0d0d0a) {
    throw new MssError('store', 'the segment has no header');
  }
  for (let at = 0; at + 12 <= SEGMENT_HEADER_BYTES; ) {
    const length = view.getUint32(at + 4, true);
    if (length < 12 || length % 4 !== 0) throw new MssError('store', 'the segment header is damaged');
    if (view.getUint32(at, true) === 1) linkTypes.push(view.getUint16(at + 8, true));
    at += length;
  }
  return linkTypes;
}
