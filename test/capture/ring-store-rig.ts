// A store as the capture thread writes it, encrypted or not, fed with frames instead of a kernel's ring.
import { BlockRewriter } from '../../src/capture/block-rewriter.ts';
import { RingStore, STAGING_BYTES } from '../../src/capture/ring-store.ts';
import { pageAlignedBuffer } from '../../src/os/packet-socket.ts';
import { createFlowIndexMemory, FlowIndex } from '../../src/store/flow-index.ts';
import { completeOpenSegment } from '../../src/store/recover-store.ts';
import { renderIndex } from '../../src/store/render-index.ts';
import type { PacketKey } from '../../src/store/sealed/packet-keys.ts';
import type { Recipient } from '../../src/store/sealed/sealed-header.ts';
import { SEALING_BYTES } from '../../src/store/sealed/sealed-writer.ts';
import { sealSegment } from '../../src/store/segment-files.ts';
import { renderSegmentHeader } from '../../src/store/segment-header.ts';
import { fillBlock, type RingFrame } from './ring-block.ts';

/**
 * @param recipients none: in clear.
 * @param writerKeys to go on with a segment that was given up.
 */
export function openRingStore(
  dir: string,
  recipients: readonly Recipient[],
  { segmentBytes = 1 << 20, writerKeys = [] as PacketKey[] } = {},
): RingStore {
  const store = new RingStore({
    header: renderSegmentHeader([{ linkType: 1, name: 'eth0' }]),
    staging: pageAlignedBuffer(STAGING_BYTES),
    sealing: recipients.length > 0 ? { recipients, memory: pageAlignedBuffer(SEALING_BYTES) } : undefined,
    wanted: undefined,
    takeIndex: () => {
      const index = new FlowIndex(createFlowIndexMemory(12, 20_000));
      index.begin(1);
      return index;
    },
    onSegmentEnd: ({ number, index, bytes, whole }) => {
      if (whole) sealSegment(dir, number, renderIndex(index, bytes));
      else completeOpenSegment(dir, number, writerKeys);
    },
  });
  store.setDir(dir, segmentBytes);
  return store;
}

/** One block of the ring with these frames. */
export function storeFrames(store: RingStore, frames: readonly RingFrame[]): void {
  const ring = fillBlock(frames, 1 << 20);
  const rewriter = new BlockRewriter(ring);
  store.storeBlock({ u8: new Uint8Array(ring), u32: new Uint32Array(ring), rewriter, interfaceId: 0 }, 0);
}
