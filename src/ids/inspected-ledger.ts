// The inspected path's ledger: what the engine's statistics say, minute by minute, in the minute they are of. Statistics
// that came while ids was down are read later, and lost to nobody: the last ones seen are kept beside the minutes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSPECTED_COUNTS } from '../api/ledger.ts';
import type { LedgerMinute } from '../ledger/ledger-minute.ts';
import { LedgerWriter } from '../ledger/ledger-writer.ts';
import { Meter } from '../ledger/meter.ts';
import { MinuteCounter } from '../ledger/minute-counter.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { EngineStats } from './engine-stats.ts';

const LAST_FILE = 'engine.json';
/** statistics come every 8 s; a clock set in between does not make another engine of the one that goes on */
const ONE_AFTER_THE_OTHER_SECONDS = 30;
const CLOCK_DRIFT_SECONDS = 60;
const SAME_RECORD_SECONDS = 5;

type Name = (typeof INSPECTED_COUNTS)[number];

/** One record of statistics: when it was made, for how long its engine ran, and its counters. */
interface Sample {
  timeMs: number;
  uptimeSeconds: number;
  values: Partial<Record<Name, number>>;
}

/** What was lost behind the engine, since the start of ids. */
export interface RecordLosses {
  lostRecordBytes: number;
  lostRecords: number;
}

export class InspectedLedger {
  readonly #dir: string;
  readonly #writer: LedgerWriter<Name>;
  readonly #counter = new MinuteCounter(INSPECTED_COUNTS);
  readonly #meter = new Meter();
  #last: Sample | undefined;
  #warned = '';
  readonly #warn: (text: string) => void;

  constructor(dir: string, warn: (text: string) => void) {
    this.#dir = dir;
    this.#warn = warn;
    this.#writer = new LedgerWriter(dir, INSPECTED_COUNTS);
    for (const name of ['lostRecordBytes', 'lostRecords'] as const) this.#meter.beginAtZero(name);
    this.#last = readLast(join(dir, LAST_FILE));
    if (this.#last !== undefined) this.#measure(this.#last.values, false);
  }

  /** @param timeUs that of the record */
  take(stats: EngineStats, timeUs: number, losses: RecordLosses): void {
    const sample: Sample = { timeMs: timeUs / 1000, uptimeSeconds: stats.uptimeSeconds, values: countsOf(stats) };
    const last = this.#last;
    const step = last === undefined ? undefined : stepBetween(last, sample);
    if (step === 'again') return; // read once more after a kill
    const restarted = step === 'restarted';
    const grown = { ...this.#measure(sample.values, restarted), ...this.#measure(losses, false) };
    const ranSeconds =
      restarted || last === undefined ? sample.uptimeSeconds : sample.uptimeSeconds - last.uptimeSeconds;
    const ended = this.#counter.take(sample.timeMs, ranSeconds * 1000, grown);
    if (ended !== undefined) this.#write(ended, last);
    this.#last = sample;
  }

  /** Writes the minute that is not over yet. */
  close(): void {
    const ended = this.#counter.end();
    if (ended !== undefined) this.#write(ended, this.#last);
  }

  #measure<V extends Partial<Record<Name, number>>>(values: V, restarted: boolean): Partial<Record<Name, number>> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, this.#meter.grown(name, value as number, restarted)]),
    );
  }

  /** @param last the last statistics that are in what was written until then */
  #write(minute: LedgerMinute<Record<Name, number>>, last: Sample | undefined): void {
    let refused = this.#writer.append(minute);
    try {
      if (refused === undefined) writeFileAtomic(join(this.#dir, LAST_FILE), JSON.stringify(last));
    } catch (error) {
      refused = String(error);
    }
    if (refused !== undefined && refused !== this.#warned) this.#warn(refused);
    this.#warned = refused ?? '';
  }
}

function countsOf(stats: EngineStats): Partial<Record<Name, number>> {
  return {
    offered: stats.kernelPackets,
    lostInRing: stats.kernelDrops,
    inspected: stats.decodedPackets,
    inspectedBytes: stats.decodedBytes,
    invalid: stats.invalidPackets,
    memcapSegments: stats.memcapDrops,
    lostAlerts: stats.overflowedAlerts,
    unseenSegments: stats.streamGaps,
  };
}

function stepBetween(last: Sample, next: Sample): 'on' | 'restarted' | 'again' {
  const grown = next.uptimeSeconds - last.uptimeSeconds;
  const elapsed = (next.timeMs - last.timeMs) / 1000;
  if (grown <= 0 && Math.abs(grown - elapsed) <= SAME_RECORD_SECONDS) return 'again';
  const goesOn =
    grown >= 0 && (grown <= ONE_AFTER_THE_OTHER_SECONDS || Math.abs(grown - elapsed) <= CLOCK_DRIFT_SECONDS);
  return goesOn ? 'on' : 'restarted';
}

function readLast(file: string): Sample | undefined {
  try {
    const { timeMs, uptimeSeconds, values } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Sample>;
    if (typeof timeMs === 'number' && typeof uptimeSeconds === 'number' && typeof values === 'object') {
      return { timeMs, uptimeSeconds, values };
    }
  } catch {
    // none yet: what the engine counted before is nobody's minute
  }
  return undefined;
}
