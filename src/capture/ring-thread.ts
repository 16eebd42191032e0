// The capture thread: polls the rings, hands each ready block to the store and back to the kernel. Runs in a worker of
// its own and never waits for anything but the rings, the disk and a free index.
import { randomInt } from 'node:crypto';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { MssError, messageOf } from '../errors.ts';
import {
  disableReceiveOffloads,
  openPacketRing,
  type PacketRing,
  pageAlignedBuffer,
  waitForRings,
} from '../os/packet-socket.ts';
import { isMountPoint } from '../os/storage-file.ts';
import { compilePacketFilter, type PacketTest } from '../query/packet-filter.ts';
import { FlowIndex } from '../store/flow-index.ts';
import type { Recipient } from '../store/sealed/sealed-header.ts';
import { SEALING_BYTES } from '../store/sealed/sealed-writer.ts';
import { renderSegmentHeader } from '../store/segment-header.ts';
import { BLOCK_PACKETS, BLOCK_STATUS, BlockRewriter, STATUS_USER } from './block-rewriter.ts';
import { CaptureCounters } from './capture-counters.ts';
import { ChecksumSample } from './checksum-sample.ts';
import { FlowCutoff } from './flow-cutoff.ts';
import {
  type FinishedSegment,
  INDEX_GONE,
  type RingCommand,
  type RingNote,
  type RingThreadPlan,
} from './ring-messages.ts';
import { type RingSource, RingStore, STAGING_BYTES } from './ring-store.ts';
import { isLeftBehind } from './segment-step.ts';

const POLL_MS = 100;
const COUNT_DROPS_EVERY_MS = 500;
/** After a failed write the ring holds the packets this long before the next try; what it cannot hold is counted. */
const RETRY_WRITE_MS = 1000;
const ETHERNET = 1;

interface OpenRing extends RingSource {
  ring: PacketRing;
  checksums: ChecksumSample;
  next: number;
}

/** Captures until told to stop. Never throws: what goes wrong is told to the main thread. */
export function runRingThread(plan: RingThreadPlan, main: MessagePort): void {
  const tell = (note: RingNote) => main.postMessage(note);
  try {
    new RingThread(plan, tell).run();
    tell({ note: 'stopped' });
  } catch (error) {
    tell({ note: 'failed', text: messageOf(error) });
  } finally {
    plan.finished.postMessage({ kind: 'end' } satisfies FinishedSegment);
    plan.commands.close(); // an open port would keep the thread alive
  }
}

class RingThread {
  readonly #plan: RingThreadPlan;
  readonly #tell: (note: RingNote) => void;
  readonly #counters: CaptureCounters;
  readonly #indexes: FlowIndex[];
  readonly #indexStates: Int32Array;
  readonly #rings: OpenRing[] = [];
  readonly #store: RingStore;
  readonly #cutoff: FlowCutoff | undefined;
  readonly #openSegments: Int32Array;
  /** what must be a mount whenever a segment begins; undefined on the system disk */
  #mountPoint: string | undefined;
  #stopping = false;
  #retryAtMs = 0;

  constructor(plan: RingThreadPlan, tell: (note: RingNote) => void) {
    this.#plan = plan;
    this.#tell = tell;
    this.#counters = new CaptureCounters(plan.counters);
    this.#indexes = plan.indexes.map((memory) => new FlowIndex(memory));
    this.#indexStates = new Int32Array(plan.indexStates);
    this.#openSegments = new Int32Array(plan.workers.openSegments);
    if (plan.cutoffBytes > 0) this.#cutoff = new FlowCutoff(plan.cutoffBytes, randomInt(2 ** 32));
    this.#store = new RingStore({
      header: renderSegmentHeader(plan.interfaces.map((name) => ({ linkType: ETHERNET, name }))),
      staging: pageAlignedBuffer(STAGING_BYTES),
      sealing: plan.recipients.length === 0 ? undefined : sealingFor(plan.recipients),
      wanted: bothOf(plan.filter && compilePacketFilter(plan.filter).packet, this.#cutoff?.packet),
      takeIndex: () => this.#takeIndex(),
      checkPlace: () => this.#checkMount(),
      onSegmentEnd: (segment) => this.#passOn(segment),
    });
  }

  run(): void {
    try {
      this.#openRings();
      this.#loop();
      this.#store.endSegment();
    } finally {
      this.#countDrops();
      for (const { ring } of this.#rings) ring.close();
    }
  }

  #openRings(): void {
    const { interfaces, blockBytes, blocks, retireMs, snaplenBytes, workers } = this.#plan;
    const opened = interfaces.map((name, interfaceId) => {
      const fanoutGroup = workers.fanoutGroups?.[interfaceId];
      const ring = openPacketRing({ interface: name, blockBytes, blocks, retireMs, snaplenBytes, fanoutGroup });
      this.#rings.push({
        ring,
        interfaceId,
        u8: new Uint8Array(ring.buffer),
        u32: new Uint32Array(ring.buffer),
        rewriter: new BlockRewriter(ring.buffer),
        checksums: new ChecksumSample(ring.buffer),
        next: 0,
      });
      const refusedOffloads = disableReceiveOffloads(name);
      return { name, interfaceIndex: ring.interfaceIndex, fanoutGroup: ring.fanoutGroup, refusedOffloads };
    });
    this.#tell({ note: 'open', interfaces: opened });
  }

  #loop(): void {
    let countedMs = Number.NEGATIVE_INFINITY;
    const rings = this.#rings.map(({ ring }) => ring);
    for (;;) {
      this.#obey();
      const nowMs = performance.now(); // the wall clock may be set back by hours at any time
      if (nowMs - countedMs >= COUNT_DROPS_EVERY_MS) {
        countedMs = nowMs;
        this.#countDrops();
      }
      this.#counters.add('turns', 1);
      this.#keepInStep();
      if (this.#store.dir === undefined || nowMs < this.#retryAtMs) {
        // nowhere to write: the rings hold what they can, and when they are full the kernel counts
        if (this.#stopping) return;
        waitForRings([], POLL_MS);
        continue;
      }
      if (this.#takeBlocks()) continue;
      if (this.#stopping) return;
      waitForRings(rings, POLL_MS);
    }
  }

  /** A worker whose flows are quiet ends its segment when others have begun several. */
  #keepInStep(): void {
    const open = this.#openSegments;
    const { number } = this.#plan.workers;
    const own = this.#store.openNumber;
    if (own !== open[number]) Atomics.store(open, number, own);
    if (isLeftBehind(own, open)) this.#store.endSegment();
  }

  #obey(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#plan.commands);
      if (received === undefined) return;
      const command = received.message as RingCommand;
      if (command.to === 'stop') this.#stopping = true;
      else {
        this.#mountPoint = command.mountPoint;
        this.#store.setDir(command.dir, command.segmentBytes);
        this.#retryAtMs = 0;
      }
    }
  }

  /** At most one block of each ring, so that no ring starves. False when none was ready. */
  #takeBlocks(): boolean {
    let any = false;
    for (const source of this.#rings) {
      const { u32, ring } = source;
      const block = source.next * ring.blockBytes;
      const status = (block + BLOCK_STATUS) >> 2;
      if ((u32[status] & STATUS_USER) === 0) continue;
      any = true;
      const packets = u32[(block + BLOCK_PACKETS) >> 2];
      if (packets > 0) this.#storeBlock(source, block, packets);
      u32[status] = 0;
      source.next = (source.next + 1) % ring.blocks;
    }
    return any;
  }

  #storeBlock(source: OpenRing, block: number, packets: number): void {
    const counters = this.#counters;
    const { rewriter, interfaceId } = source;
    counters.addOf(interfaceId, 'receivedPackets', packets);
    const right = source.checksums.take(block); // before the block is rewritten
    if (right !== undefined) counters.add('checkedPackets', 1);
    if (right === false) counters.add('wrongChecksums', 1);
    try {
      counters.add('storedBytes', this.#store.storeBlock(source, block));
      counters.add('storedPackets', rewriter.stored);
      counters.add('filteredPackets', rewriter.filtered);
      if (this.#cutoff !== undefined) counters.set('beyondCutoffPackets', this.#cutoff.beyondPackets);
      counters.addOf(interfaceId, 'receivedBytes', rewriter.receivedBytes);
      counters.addOf(interfaceId, 'foreignUnicastPackets', rewriter.foreign);
      counters.set('storeFailing', 0);
    } catch (error) {
      counters.add('unwrittenPackets', packets);
      counters.set('storeFailing', 1);
      this.#retryAtMs = performance.now() + RETRY_WRITE_MS;
      this.#tell({ note: 'store-failed', text: messageOf(error) });
    }
  }

  #takeIndex(): FlowIndex {
    for (;;) {
      const free = this.#indexStates.indexOf(0);
      if (free >= 0) {
        Atomics.store(this.#indexStates, free, 1);
        this.#indexes[free].begin(randomInt(2 ** 32));
        return this.#indexes[free];
      }
      if (this.#indexStates.includes(INDEX_GONE)) throw new MssError('capture', 'the index thread ended');
      // all are being closed: the rings hold the packets meanwhile
      Atomics.wait(this.#indexStates, 0, 1, POLL_MS);
      this.#counters.add('turns', 1);
    }
  }

  /** The main thread looks twice a second; in between, a segment must not begin under the mount point of a lost share. */
  #checkMount(): void {
    if (this.#mountPoint === undefined || isMountPoint(this.#mountPoint)) return;
    throw new MssError('store', `nothing is mounted on ${this.#mountPoint}: nothing is written there`);
  }

  #passOn(segment: { dir: string; number: number; index: FlowIndex; bytes: number; whole: boolean }): void {
    const { dir, number, whole, bytes } = segment;
    const index = this.#indexes.indexOf(segment.index);
    if (segment.index.bothDirections) this.#noteBothDirections();
    this.#counters.add('closedSegments', 1);
    this.#counters.add('flows', segment.index.flows);
    const message: FinishedSegment = whole
      ? { kind: 'written', dir, number, index, segmentBytes: bytes }
      : { kind: 'broken', dir, number, index };
    this.#plan.finished.postMessage(message);
  }

  #noteBothDirections(): void {
    for (const { interfaceId } of this.#rings) this.#counters.setOf(interfaceId, 'bothDirections', 1);
  }

  #countDrops(): void {
    for (const { ring, interfaceId } of this.#rings) {
      this.#counters.addOf(interfaceId, 'ringDroppedPackets', ring.takeDrops());
    }
    if (this.#store.bothDirections) this.#noteBothDirections();
  }
}

function sealingFor(recipients: readonly Recipient[]): { recipients: readonly Recipient[]; memory: ArrayBuffer } {
  return { recipients, memory: pageAlignedBuffer(SEALING_BYTES) };
}

/** What both tests take; the second one sees only what the first one takes. Undefined where there is none. */
function bothOf(first: PacketTest | undefined, second: PacketTest | undefined): PacketTest | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (keys, lengthBytes, timeNs) => first(keys, lengthBytes, timeNs) && second(keys, lengthBytes, timeNs);
}
