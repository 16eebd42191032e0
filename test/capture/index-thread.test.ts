// The thread that ends segments: one that the disk refused is ended with the next that it takes.
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runIndexThread } from '../../src/capture/index-thread.ts';
import type { FinishedSegment, IndexNote } from '../../src/capture/ring-messages.ts';
import { createFlowIndexMemory } from '../../src/store/flow-index.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { frame } from '../pcap/frames.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-index-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A segment with a packet in it whose writer gave it up. */
function leaveOpen(): void {
  const data = frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 17, srcPort: 1, dstPort: 2 });
  const writer = new StoreWriter(dir);
  writer.appendPacket({
    timeNs: 1_700_000_000_000_000_000n,
    linkType: 1,
    capturedLength: data.length,
    originalLength: data.length,
    data,
  });
  writer.flush();
}

test('what the disk refused is tried again behind the next segment', async () => {
  const finished = new MessageChannel();
  const main = new MessageChannel();
  const notes: IndexNote[] = [];
  const ended = new Promise<void>((done) => {
    main.port2.on('message', (note: IndexNote) => {
      notes.push(note);
      if (note.note === 'ended') done();
    });
  });
  const states = new SharedArrayBuffer(4);
  runIndexThread({ indexes: [createFlowIndexMemory(4, 4)], indexStates: states, finished: finished.port2 }, main.port1);
  const send = (message: FinishedSegment) => finished.port1.postMessage(message);
  const blocker = join(dir, 'seg-0000000001.idx');
  mkdirSync(join(blocker, 'in the way'), { recursive: true });
  leaveOpen();
  send({ kind: 'broken', dir, number: 1, index: 0 });
  await expect.poll(() => notes).toEqual([{ note: 'failed', text: expect.stringContaining('segment 1') }]);
  rmdirSync(join(blocker, 'in the way'));
  rmdirSync(blocker);
  leaveOpen();
  send({ kind: 'broken', dir, number: 2, index: 0 });
  send({ kind: 'end' });
  await ended;
  main.port1.close();
  expect(notes).toHaveLength(2);
  expect(readdirSync(dir).sort()).toEqual([
    'group-0000000000.flt',
    'seg-0000000001.idx',
    'seg-0000000001.pcapng',
    'seg-0000000002.idx',
    'seg-0000000002.pcapng',
  ]);
});
