// How large ring and segments are. Pure.

export const BLOCK_BYTES = 1024 * 1024;
const LEAST_RING_BYTES = 16 * 1024 * 1024;
const MOST_RING_BYTES = 256 * 1024 * 1024;
const LEAST_BLOCKS = 4;

/** Blocks of each ring: together a 32nd of the memory, within bounds. */
export function planRingBlocks(memoryBytes: number, interfaces: number): number {
  const bytes = Math.min(MOST_RING_BYTES, Math.max(LEAST_RING_BYTES, memoryBytes / 32));
  return Math.max(LEAST_BLOCKS, Math.floor(bytes / BLOCK_BYTES / Math.max(1, interfaces)));
}

const LEAST_SEGMENT_BYTES = 4 * 1024 * 1024;
export const MOST_SEGMENT_BYTES = 128 * 1024 * 1024;

/** A sixteenth of the quota, so that pruning one segment does not lose a large part of the past. */
export function planSegmentBytes(quotaBytes: number): number {
  const bytes = Math.min(MOST_SEGMENT_BYTES, Math.max(LEAST_SEGMENT_BYTES, quotaBytes / 16));
  return Math.floor(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
