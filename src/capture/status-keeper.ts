// What mss-capture says of itself: counters that only grow, also over a restart of its threads, and rates.
import type { Service } from '../os/run-service.ts';
import type { CounterName, InterfaceCounterName } from './capture-counters.ts';
import type { CaptureWorkers, WorkersPlan } from './capture-workers.ts';
import { ChecksumShare } from './checksum-sample.ts';
import type { ChosenStore } from './choose-store.ts';
import type { InterfaceKeeper } from './interface-keeper.ts';
import { readNicCounters } from './nic-counters.ts';
import type { StoreKeeper } from './store-keeper.ts';

const SUMS = [
  'storedPackets',
  'storedBytes',
  'filteredPackets',
  'beyondCutoffPackets',
  'unwrittenPackets',
  'flows',
] as const;

/** One interface in the status file's `detail.interfaces`. */
export interface CapturedInterface {
  name: string;
  /** it has a link */
  up: boolean;
  /** how often the link came or went since the service started, and when it last did; 0: not yet */
  linkChanges: number;
  linkChangedMs: number;
  receivedPackets: number;
  receivedBytes: number;
  /** lost: ring full, or before it in the NIC */
  droppedPackets: number;
  ringDroppedPackets: number;
  nicDroppedPackets: number;
  packetsPerSecond: number;
  bitsPerSecond: number;
  /** unicast to other machines: 0 with traffic means no mirror, or promiscuous mode refused */
  foreignUnicastPackets: number;
  bothDirections: boolean;
  refusedOffloads: string[];
}

export class StatusKeeper {
  readonly #service: Service;
  readonly #links: InterfaceKeeper;
  readonly #before = new Map<CounterName, number>();
  readonly #interfaces = new Map<string, { row: CapturedInterface; nicAtStart: number; before: CapturedInterface }>();
  readonly #checksums = new ChecksumShare();
  #checked = { packets: 0, wrong: 0 };
  #threads: CaptureWorkers | undefined;
  #updatedMs = 0;

  constructor(service: Service, links: InterfaceKeeper) {
    this.#service = service;
    this.#links = links;
    Object.assign(service.counters, {
      receivedPackets: 0,
      receivedBytes: 0,
      ringDroppedPackets: 0,
      nicDroppedPackets: 0,
      storedPackets: 0,
      storedBytes: 0,
      filteredPackets: 0,
      beyondCutoffPackets: 0,
      unwrittenPackets: 0,
      prunedSegments: 0,
      prunedBytes: 0,
      prunedEarlyBytes: 0,
      flows: 0,
    });
  }

  /** Threads started: their counters begin at 0. */
  began(threads: CaptureWorkers, plan: WorkersPlan): void {
    this.#threads = threads;
    this.#service.detail.ringBytes = plan.blocks * plan.blockBytes * plan.interfaces.length * plan.workers;
    for (const { name, refusedOffloads } of threads.interfaces) {
      const known = this.#interfaces.get(name);
      const before = known?.row ?? emptyRow(name);
      const nicAtStart = known?.nicAtStart ?? readNicCounters(name)?.droppedPackets ?? 0;
      this.#interfaces.set(name, { row: { ...before, refusedOffloads }, nicAtStart, before });
    }
  }

  /** Threads ended: what they counted is kept. */
  ended(): void {
    this.#count();
    for (const name of SUMS) this.#before.set(name, this.#sum(name));
    for (const kept of this.#interfaces.values()) kept.before = kept.row;
    this.#threads = undefined;
  }

  /** Fills in counters, detail, state and message. */
  update(store: StoreKeeper, chosen: ChosenStore, trouble: string | undefined): void {
    const { counters, detail } = this.#service;
    this.#count();
    counters.prunedSegments = store.prunedSegments;
    counters.prunedBytes = store.prunedBytes;
    counters.prunedEarlyBytes = store.prunedEarlyBytes;
    const rows = [...this.#interfaces.values()].map(({ row }) => row);
    detail.interfaces = rows;
    detail.bond = this.#links.members;
    detail.invalidChecksumShare = this.#checksums.share;
    detail.store = {
      dir: chosen.dir,
      label: chosen.label,
      quotaBytes: store.quotaBytes,
      storedBytes: store.storedBytes,
      prunedBytes: store.prunedBytes,
      oldestUs: store.oldestUs,
      newestUs: store.newestUs,
    };
    detail.workers = this.#threads?.shares ?? [];
    const failing = (this.#threads?.get('storeFailing') ?? 0) > 0;
    const bad =
      trouble ??
      chosen.degraded ??
      this.#links.bondTrouble ??
      (failing ? `packets cannot be written to ${chosen.label}` : undefined);
    const isUp = (name: string) => rows.some((row) => row.name === name && row.up);
    const names = this.#threads?.interfaces.map(({ name }) => (isUp(name) ? name : `${name} (no link)`)).join(', ');
    const works = `capturing on ${names ?? 'nothing'} into ${chosen.label}`;
    this.#service.say(bad === undefined ? 'running' : 'degraded', bad ?? works);
  }

  #count(): void {
    const { counters } = this.#service;
    const nowMs = performance.now();
    const seconds = Math.max(0.001, (nowMs - this.#updatedMs) / 1000);
    this.#updatedMs = nowMs;
    for (const name of SUMS) counters[name] = this.#sum(name);
    this.#countChecksums();
    for (const [i, { name }] of (this.#threads?.interfaces ?? []).entries()) this.#countInterface(i, name, seconds);
    const rows = [...this.#interfaces.values()].map(({ row }) => row);
    for (const name of ['receivedPackets', 'receivedBytes', 'ringDroppedPackets', 'nicDroppedPackets'] as const) {
      counters[name] = rows.reduce((sum, row) => sum + row[name], 0);
    }
  }

  #countChecksums(): void {
    const threads = this.#threads;
    const now = { packets: threads?.get('checkedPackets') ?? 0, wrong: threads?.get('wrongChecksums') ?? 0 };
    // new threads count from 0
    const before = now.packets < this.#checked.packets ? { packets: 0, wrong: 0 } : this.#checked;
    this.#checksums.add(now.packets - before.packets, now.wrong - before.wrong);
    this.#checked = now;
  }

  #countInterface(i: number, name: string, seconds: number): void {
    const kept = this.#interfaces.get(name)!;
    const { before } = kept;
    const since = (counter: InterfaceCounterName) => this.#threads!.getOf(i, counter);
    const nic = readNicCounters(name);
    const link = this.#links.find(name);
    const ringDroppedPackets = before.ringDroppedPackets + since('ringDroppedPackets');
    const nicDroppedPackets = Math.max(0, (nic?.droppedPackets ?? 0) - kept.nicAtStart);
    const receivedPackets = before.receivedPackets + since('receivedPackets');
    const receivedBytes = before.receivedBytes + since('receivedBytes');
    kept.row = {
      name,
      up: link?.up ?? false,
      linkChanges: link?.changes ?? 0,
      linkChangedMs: link?.changedMs ?? 0,
      receivedPackets,
      receivedBytes,
      droppedPackets: ringDroppedPackets + nicDroppedPackets,
      ringDroppedPackets,
      nicDroppedPackets,
      packetsPerSecond: Math.round((receivedPackets - kept.row.receivedPackets) / seconds),
      bitsPerSecond: Math.round(((receivedBytes - kept.row.receivedBytes) * 8) / seconds),
      foreignUnicastPackets: before.foreignUnicastPackets + since('foreignUnicastPackets'),
      bothDirections: before.bothDirections || since('bothDirections') > 0,
      refusedOffloads: kept.row.refusedOffloads,
    };
  }

  #sum(name: CounterName): number {
    return (this.#before.get(name) ?? 0) + (this.#threads?.get(name) ?? 0);
  }
}

function emptyRow(name: string): CapturedInterface {
  return {
    name,
    up: false,
    linkChanges: 0,
    linkChangedMs: 0,
    receivedPackets: 0,
    receivedBytes: 0,
    droppedPackets: 0,
    ringDroppedPackets: 0,
    nicDroppedPackets: 0,
    packetsPerSecond: 0,
    bitsPerSecond: 0,
    foreignUnicastPackets: 0,
    bothDirections: false,
    refusedOffloads: [],
  };
}
