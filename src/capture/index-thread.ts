// The thread that ends segments: turns a full flow index into the index file, syncs, and gives the segment its name.
// Takes tens of milliseconds to a second each, which the capture thread must not wait for.
import type { MessagePort } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { FlowIndex, type FlowIndexMemory } from '../store/flow-index.ts';
import { completeOpenSegment } from '../store/recover-store.ts';
import { renderIndex } from '../store/render-index.ts';
import { parsePrivateKey } from '../store/sealed/packet-keys.ts';
import { sealSegment } from '../store/segment-files.ts';
import type { FinishedSegment, IndexNote } from './ring-messages.ts';

const MOST_UNENDED = 64;

export interface IndexThreadPlan {
  indexes: FlowIndexMemory[];
  indexStates: SharedArrayBuffer;
  finished: MessagePort;
  /** of the writer itself, in PEM, where it encrypts */
  writerKey?: string;
}

/** Ends segments as they come, until the ring thread says that there will be no more. */
export function runIndexThread(plan: IndexThreadPlan, main: MessagePort): void {
  const tell = (note: IndexNote) => main.postMessage(note);
  const indexes = plan.indexes.map((memory) => new FlowIndex(memory));
  const keys = plan.writerKey === undefined ? [] : [parsePrivateKey(plan.writerKey, "the writer's key")];
  const states = new Int32Array(plan.indexStates);
  // what a full disk refused to end: tried again behind each segment that follows, so that none waits for a restart
  let unended: { dir: string; number: number }[] = [];
  const endLeftOnes = () => {
    unended = unended.filter(({ dir, number }) => {
      try {
        completeOpenSegment(dir, number, keys);
        return false;
      } catch {
        return true; // told when it failed first
      }
    });
  };
  plan.finished.on('message', (segment: FinishedSegment) => {
    if (segment.kind === 'end') {
      endLeftOnes();
      tell({ note: 'ended' });
      plan.finished.close();
      return;
    }
    try {
      if (segment.kind === 'written') {
        sealSegment(segment.dir, segment.number, renderIndex(indexes[segment.index], segment.segmentBytes));
      } else completeOpenSegment(segment.dir, segment.number, keys);
      endLeftOnes();
    } catch (error) {
      tell({ note: 'failed', text: `segment ${segment.number} in ${segment.dir}: ${messageOf(error)}` });
      unended.push({ dir: segment.dir, number: segment.number });
      if (unended.length > MOST_UNENDED) unended.shift(); // the next start of capture ends it
    }
    indexes[segment.index].clear();
    Atomics.store(states, segment.index, 0);
    Atomics.notify(states, 0);
  });
}
