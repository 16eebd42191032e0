// One segment, opened for reading: with the index beside it, where there is a whole one that fits.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { IndexFile } from './index-file.ts';
import { parseSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';
import type { SegmentName } from './segment-names.ts';

export interface OpenedSegment {
  fd: number;
  bytes: number;
  linkTypes: number[];
  /** undefined: the segment is still being written, or its index is missing, damaged, or of another length */
  index: IndexFile | undefined;
  close(): void;
}

/**
 * Opens a segment; the caller closes it.
 * @param known its index, where that is open already; it is closed with the segment.
 * @throws MssError `store` where the segment itself is unreadable, and what node:fs throws (ENOENT: it was pruned).
 */
export function openSegment(segment: SegmentName, known?: IndexFile): OpenedSegment {
  const fd = openSync(segment.path, 'r');
  try {
    const page = new Uint8Array(SEGMENT_HEADER_BYTES);
    const linkTypes = parseSegmentHeader(page.subarray(0, readSync(fd, page, 0, page.length, 0)));
    const { size } = fstatSync(fd);
    const index = known ?? (segment.open ? undefined : openIndex(segment.indexPath, size));
    const close = () => {
      index?.close();
      closeSync(fd);
    };
    return { fd, bytes: size, linkTypes, index, close };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The index of a segment that need not be opened itself; undefined as above, or where the segment is gone. */
export function openIndexOf(segment: SegmentName): IndexFile | undefined {
  if (segment.open) return undefined;
  const { size } = statSync(segment.path, { throwIfNoEntry: false }) ?? {};
  return size === undefined ? undefined : openIndex(segment.indexPath, size);
}

/** The index beside a segment; undefined where it is missing, damaged, or of another length of the segment. */
export function openIndex(path: string, segmentBytes: number): IndexFile | undefined {
  let index: IndexFile;
  try {
    index = IndexFile.open(path);
  } catch {
    return undefined;
  }
  if (index.header.segmentBytes === segmentBytes) return index;
  index.close();
  return undefined;
}
