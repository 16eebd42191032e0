// How large ring and segments are. Pure.

const MB = 1024 * 1024;
const LEAST_RING_BYTES = 16 * MB;
const MOST_RING_BYTES = 256 * MB;
const LEAST_BLOCKS = 4;
/** A block is written in one go, and of the cost of a write little depends on its length. */
const LARGE_BLOCK_BYTES = 4 * MB;
const SMALL_BLOCK_BYTES = MB;
/** Fewer blocks than this are too coarse: a block in hand is one that the kernel cannot fill. */
const ENOUGH_BLOCKS = 16;

/** Each interface's ring: together a 32nd of the memory, within bounds. */
export function planRing(memoryBytes: number, interfaces: number): { blockBytes: number; blocks: number } {
  const together = Math.min(MOST_RING_BYTES, Math.max(LEAST_RING_BYTES, memoryBytes / 32));
  const bytes = together / Math.max(1, interfaces);
  const blockBytes = bytes >= ENOUGH_BLOCKS * LARGE_BLOCK_BYTES ? LARGE_BLOCK_BYTES : SMALL_BLOCK_BYTES;
  return { blockBytes, blocks: Math.max(LEAST_BLOCKS, Math.floor(bytes / blockBytes)) };
}

const LEAST_SEGMENT_BYTES = 4 * MB;
export const MOST_SEGMENT_BYTES = 128 * MB;

/** A sixteenth of the quota, so that pruning one segment does not lose a large part of the past. */
export function planSegmentBytes(quotaBytes: number): number {
  const bytes = Math.min(MOST_SEGMENT_BYTES, Math.max(LEAST_SEGMENT_BYTES, quotaBytes / 16));
  return Math.floor(bytes / MB) * MB;
}
