// What the capture service's threads say to each other.
import type { MessagePort } from 'node:worker_threads';
import type { Filter } from '../query/filter.ts';
import type { FlowIndexMemory } from '../store/flow-index.ts';
import type { Recipient } from '../store/sealed/sealed-header.ts';

/** State of an index whose thread died: it will not get free again. */
export const INDEX_GONE = 2;

/** Given to the ring thread when it starts. */
export interface RingThreadPlan {
  interfaces: string[];
  blockBytes: number;
  /** of each ring */
  blocks: number;
  retireMs: number;
  snaplenBytes: number;
  /** the largest segment that a store command will ask for */
  mostSegmentBytes: number;
  /** what to store, or undefined for everything */
  filter: Filter | undefined;
  /** of each flow; 0: all of it is stored */
  cutoffBytes: number;
  /** who may read what is stored; none: it is not encrypted */
  recipients: readonly Recipient[];
  counters: SharedArrayBuffer;
  workers: WorkerShare;
  indexes: FlowIndexMemory[];
  /** one number per index: 0 free, 1 in use, or INDEX_GONE; woken when one gets free */
  indexStates: SharedArrayBuffer;
  /** commands from the main thread */
  commands: MessagePort;
  /** finished segments to the index thread */
  finished: MessagePort;
}

/** Which of the ring threads it is, and what they share. */
export interface WorkerShare {
  number: number;
  /** one each: the number of the segment it has open, or 0 */
  openSegments: SharedArrayBuffer;
  /** of each interface the group of rings to join; 'new': to begin one; undefined: it is alone */
  fanoutGroups: readonly (number | 'new')[] | undefined;
}

/** Main thread to ring thread. */
export type RingCommand =
  | { to: 'store'; dir: string | undefined; mountPoint: string | undefined; segmentBytes: number }
  | { to: 'stop' };

export interface OpenedInterface {
  name: string;
  interfaceIndex: number;
  fanoutGroup: number | undefined;
  refusedOffloads: string[];
}

/** Ring thread to main thread. */
export type RingNote =
  | { note: 'open'; interfaces: OpenedInterface[] }
  | { note: 'failed'; text: string }
  | { note: 'store-failed'; text: string }
  | { note: 'stopped' };

/** Ring thread to index thread. */
export type FinishedSegment =
  /** written to the end: index number `index` belongs to it */
  | { kind: 'written'; dir: string; number: number; index: number; segmentBytes: number }
  /** writing failed in the middle: to be completed from what is on disk */
  | { kind: 'broken'; dir: string; number: number; index: number }
  | { kind: 'end' };

/** Index thread to main thread. */
export type IndexNote = { note: 'failed'; text: string } | { note: 'ended' };
