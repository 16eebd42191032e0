// One segment, opened for reading: with the index beside it, where there is a whole one that fits.
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { MssError } from '../errors.ts';
import { IndexFile } from './index-file.ts';
import { readFrom } from './read-at.ts';
import { openPlain, type PlainFile } from './sealed/open-plain.ts';
import type { PacketKey } from './sealed/packet-keys.ts';
import { parseSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';
import type { SegmentName } from './segment-names.ts';

export interface OpenedSegment extends PlainFile {
  linkTypes: number[];
  /** undefined: the segment is still being written, or its index is missing, damaged, or of another length */
  index: IndexFile | undefined;
  close(): void;
}

/**
 * Opens a segment; the caller closes it.
 * @param keys for an encrypted one.
 * @param known its index, where that is open already; it is closed with the segment.
 * @throws MssError `store` where the segment itself is unreadable, `locked` where it is encrypted for other keys, and
 *   what node:fs throws (ENOENT: it was pruned).
 */
export function openSegment(segment: SegmentName, keys: readonly PacketKey[] = [], known?: IndexFile): OpenedSegment {
  const fd = openSync(segment.path, 'r');
  try {
    const page = new Uint8Array(SEGMENT_HEADER_BYTES);
    const start = page.subarray(0, readFrom(fd)(page, 0));
    const plain = openPlain(fd, start, { kind: 'segment', number: segment.number }, keys, segment.open);
    if (plain.sealed && plain.readAt(page, 0) < page.length) {
      throw new MssError('store', 'its encrypted beginning is damaged, or not yet written');
    }
    const linkTypes = parseSegmentHeader(start);
    const index = known ?? (segment.open ? undefined : openIndex(segment, fstatSync(fd).size, keys));
    const close = () => {
      index?.close();
      closeSync(fd);
    };
    return { ...plain, linkTypes, index, close };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** False while the writer of a new segment has made its file and put no packet into it: it holds nothing so far. */
export function hasBegun(segment: SegmentName): boolean {
  if (!segment.open) return true;
  const { size } = statSync(segment.path, { throwIfNoEntry: false }) ?? {};
  return size === undefined || size > SEGMENT_HEADER_BYTES; // gone: it has its final name now
}

/** The index of a segment that need not be opened itself; undefined as above, or where the segment is gone. */
export function openIndexOf(segment: SegmentName, keys: readonly PacketKey[]): IndexFile | undefined {
  if (segment.open) return undefined;
  const { size } = statSync(segment.path, { throwIfNoEntry: false }) ?? {};
  return size === undefined ? undefined : openIndex(segment, size, keys);
}

/**
 * The index beside a segment; undefined where it is missing, damaged, encrypted for other keys, or of another length of
 * the segment.
 * @param fileBytes of the segment.
 */
export function openIndex(
  segment: SegmentName,
  fileBytes: number,
  keys: readonly PacketKey[] = [],
): IndexFile | undefined {
  let index: IndexFile;
  try {
    index = IndexFile.open(segment.indexPath, segment.number, keys);
  } catch {
    return undefined;
  }
  if (index.fits(fileBytes)) return index;
  index.close();
  return undefined;
}
