// One segment, opened for reading: with the index beside it, or with one made now where that is missing, damaged,
// or does not fit.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { IndexFile } from './index-file.ts';
import { renderIndex } from './render-index.ts';
import { scanSegment } from './scan-segment.ts';
import type { SegmentFile } from './segment-files.ts';
import { parseSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';

export interface OpenedSegment {
  fd: number;
  index: IndexFile;
  linkTypes: number[];
  /** the index had to be made: the segment is still being written, or its index is missing or damaged */
  scanned: boolean;
  /** bytes at its end that are no whole blocks; of an open segment they may be on their way */
  tornBytes: number;
  close(): void;
}

/**
 * Opens a segment; the caller closes it.
 * @param trustIndex false: make the index anew even if there is one.
 * @throws MssError `store` where the segment itself is unreadable, and what node:fs throws (ENOENT: it was pruned).
 */
export function openSegment(segment: SegmentFile, trustIndex = true): OpenedSegment {
  const fd = openSync(segment.path, 'r');
  try {
    const page = new Uint8Array(SEGMENT_HEADER_BYTES);
    const linkTypes = parseSegmentHeader(page.subarray(0, readSync(fd, page, 0, page.length, 0)));
    const { size } = fstatSync(fd);
    const found = trustIndex && !segment.open ? openIndex(segment.indexPath, size) : undefined;
    if (found !== undefined) {
      const close = () => {
        found.close();
        closeSync(fd);
      };
      return { fd, index: found, linkTypes, scanned: false, tornBytes: 0, close };
    }
    const { index, validBytes } = scanSegment(fd, size);
    return {
      fd,
      index: IndexFile.of(renderIndex(index, validBytes)),
      linkTypes,
      scanned: true,
      tornBytes: size - validBytes,
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
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
