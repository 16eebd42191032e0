// The stored path's ledger: what came to the network cards and what became of it, minute by minute.
import { STORED_COUNTS } from '../api/ledger.ts';
import type { LedgerMinute } from '../ledger/ledger-minute.ts';
import { LedgerWriter } from '../ledger/ledger-writer.ts';
import { Meter } from '../ledger/meter.ts';
import { MinuteCounter } from '../ledger/minute-counter.ts';
import type { NicCounters } from './nic-counters.ts';

type Name = (typeof STORED_COUNTS)[number];

/** The service's own counters that take part, by the ledger's names; all count from its start. */
const OWN: Readonly<Partial<Record<Name, string>>> = {
  received: 'receivedPackets',
  receivedBytes: 'receivedBytes',
  lostInRing: 'ringDroppedPackets',
  filtered: 'filteredPackets',
  beyondCutoff: 'beyondCutoffPackets',
  stored: 'storedPackets',
  storedBytes: 'storedBytes',
  notWritten: 'unwrittenPackets',
  prunedBytes: 'prunedBytes',
  prunedEarlyBytes: 'prunedEarlyBytes',
};
/** Reading the card's counters at every turn would be for nothing. */
const EVERY_MS = 5000;

export interface StoredSample {
  /** of the service; missing ones are 0 */
  counters: Readonly<Record<string, number>>;
  interfaces: readonly string[];
  /** what is wrong with writing packets, if anything */
  trouble?: string;
}

export class StoredLedger {
  readonly #writer: LedgerWriter<Name>;
  readonly #counter = new MinuteCounter(STORED_COUNTS);
  readonly #meter = new Meter();
  readonly #readNic: (name: string) => NicCounters | undefined;
  readonly #warn: (text: string) => void;
  readonly #cards = new Map<string, number>();
  #takenMs: number | undefined;
  #warned: string | undefined;

  constructor(dir: string, readNic: (name: string) => NicCounters | undefined, warn: (text: string) => void) {
    this.#writer = new LedgerWriter(dir, STORED_COUNTS);
    this.#readNic = readNic;
    this.#warn = warn;
    for (const name of Object.keys(OWN)) this.#meter.beginAtZero(name);
  }

  /**
   * Takes what the counters show, when it is time to. Time in which nothing is captured is a gap: without interfaces
   * the clock stands still.
   * @param clockMs by a clock that nobody sets
   */
  take(sample: StoredSample, nowMs: number, clockMs: number): void {
    if (sample.interfaces.length === 0) {
      this.#takenMs = undefined;
      return;
    }
    const before = this.#takenMs;
    if (before !== undefined && clockMs - before < EVERY_MS) return;
    this.#takenMs = clockMs;
    this.#count(sample, nowMs, before === undefined ? 0 : clockMs - before);
  }

  /** The last counts, whatever the time, and the minute that is not over yet. */
  close(sample: StoredSample, nowMs: number, clockMs: number): void {
    this.#count(sample, nowMs, this.#takenMs === undefined ? 0 : clockMs - this.#takenMs);
    this.#takenMs = undefined;
    this.#write(this.#counter.end());
  }

  #count({ counters, interfaces, trouble }: StoredSample, nowMs: number, watchedMs: number): void {
    const grown: Partial<Record<Name, number>> = { offered: 0, lostInCard: 0, damaged: 0 };
    for (const [name, own] of Object.entries(OWN)) grown[name as Name] = this.#meter.grown(name, counters[own] ?? 0);
    for (const name of interfaces) {
      const nic = this.#readNic(name);
      if (nic === undefined) continue;
      // an interface that went and came back is another one by its number, and counts from 0
      const restarted = this.#cards.has(name) && this.#cards.get(name) !== nic.interfaceIndex;
      this.#cards.set(name, nic.interfaceIndex);
      const since = (counter: string, value: number) => this.#meter.grown(`${name} ${counter}`, value, restarted);
      grown.offered! += since('offered', nic.offeredPackets);
      grown.lostInCard! += since('lost', nic.droppedPackets);
      grown.damaged! += since('damaged', nic.damagedFrames);
    }
    this.#write(this.#counter.take(nowMs, watchedMs, grown, (grown.notWritten ?? 0) > 0 ? trouble : undefined));
  }

  #write(minute: LedgerMinute<Record<Name, number>> | undefined): void {
    if (minute === undefined) return;
    const refused = this.#writer.append(minute);
    if (refused !== undefined && refused !== this.#warned) this.#warn(refused);
    this.#warned = refused;
  }
}
