// The loop that carries all spool streams into the archive, and what is new on to the live views.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventArchive } from '../../archive/event-archive.ts';
import { messageOf } from '../../errors.ts';
import { type Batch, readBatch } from '../../spool/reader.ts';

/** A row is found about this long after it was spooled. */
const IDLE_MS = 1000;
const RETRY_MS = 5000;

export interface SpoolFollower {
  archive: EventArchive;
  streams: readonly { name: string; dir: string }[];
  signal: AbortSignal;
  /** called once a turn, also while the archive refuses: the loop works */
  turned(): void;
  applied(stream: string, batch: Batch, passedOver: number): void;
  /** the archive refused a batch; it is tried again */
  refused(reason: string): void;
}

/** Runs until the signal. A batch is applied whole with its bookmark, or tried again. */
export async function followSpool(follower: SpoolFollower): Promise<void> {
  while (!follower.signal.aborted) {
    let waitMs = IDLE_MS;
    for (const stream of follower.streams) {
      try {
        if (await applyNext(follower, stream)) waitMs = 0;
      } catch (error) {
        follower.refused(messageOf(error));
        waitMs = RETRY_MS;
      }
      if (follower.signal.aborted) return;
    }
    follower.turned();
    await sleep(waitMs, undefined, { signal: follower.signal }).catch(() => {}); // the signal ends the loop
  }
}

async function applyNext({ archive, applied }: SpoolFollower, stream: { name: string; dir: string }): Promise<boolean> {
  const batch = readBatch(stream.dir, stream.name, archive.bookmark(stream.name));
  if (batch.records.length === 0 && batch.badRecords === 0) return false;
  applied(stream.name, batch, await archive.apply(stream.name, batch));
  return true;
}
