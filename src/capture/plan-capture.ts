// How many threads capture, and how large rings and segments are. Pure.

const MB = 1024 * 1024;
const LEAST_RING_BYTES = 16 * MB;
const MOST_RING_BYTES = 256 * MB;
const LEAST_BLOCKS = 4;
/** A block is written in one go, and of the cost of a write little depends on its length. */
const LARGE_BLOCK_BYTES = 4 * MB;
const SMALL_BLOCK_BYTES = MB;
/** Fewer blocks than this are too coarse: a block in hand is one that the kernel cannot fill. */
const ENOUGH_BLOCKS = 16;

/** One ring thread takes some million packets a second; the engine and the network cards want processors, too. */
const CORES_A_WORKER = 4;
/** Each has two flow indexes and a JavaScript heap of its own, 0.2 GB together. */
const MEMORY_A_WORKER_BYTES = 2048 * MB;
const MOST_WORKERS = 8;

/** How many threads share the interfaces' packets. @param wanted `capture.workers`; 0: by cores and memory */
export function planWorkers(wanted: number, cores: number, memoryBytes: number, interfaces: number): number {
  if (wanted > 0) return wanted;
  const enoughRing = Math.max(1, interfaces) * ENOUGH_BLOCKS * SMALL_BLOCK_BYTES;
  const workers = Math.min(
    MOST_WORKERS,
    Math.floor(cores / CORES_A_WORKER),
    Math.floor(memoryBytes / MEMORY_A_WORKER_BYTES),
    Math.floor(allRingBytes(memoryBytes) / enoughRing),
  );
  return Math.max(1, workers);
}

/** Each ring, of which every worker has one an interface: together a 32nd of the memory, within bounds. */
export function planRing(memoryBytes: number, rings: number): { blockBytes: number; blocks: number } {
  const bytes = allRingBytes(memoryBytes) / Math.max(1, rings);
  const blockBytes = bytes >= ENOUGH_BLOCKS * LARGE_BLOCK_BYTES ? LARGE_BLOCK_BYTES : SMALL_BLOCK_BYTES;
  return { blockBytes, blocks: Math.max(LEAST_BLOCKS, Math.floor(bytes / blockBytes)) };
}

function allRingBytes(memoryBytes: number): number {
  return Math.min(MOST_RING_BYTES, Math.max(LEAST_RING_BYTES, memoryBytes / 32));
}

const LEAST_SEGMENT_BYTES = 4 * MB;
export const MOST_SEGMENT_BYTES = 128 * MB;

/** The open ones are a sixteenth of the quota together: pruning a segment does not lose a large part of the past. */
export function planSegmentBytes(quotaBytes: number, workers: number): number {
  const bytes = Math.min(MOST_SEGMENT_BYTES, Math.max(LEAST_SEGMENT_BYTES, quotaBytes / 16 / workers));
  return Math.floor(bytes / MB) * MB;
}
