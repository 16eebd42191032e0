// One message's way: bytes -> text -> record -> fields -> spool and rules, with everything counted that comes and goes.
import type { SensorEvent } from '../api/event.ts';
import type { LogRecord } from '../api/log-record.ts';
import type { Normalize } from '../logs/normalize.ts';
import { type Arrival, parseLog } from '../logs/parse.ts';
import { decodeMessage } from '../logs/text.ts';
import { SourceTable } from './sources.ts';

export class Intake {
  readonly counters = {
    receivedMessages: 0,
    receivedBytes: 0,
    /** messages that followed RFC 5424 or 3164 */
    parsedMessages: 0,
    /** messages kept as they came */
    rawMessages: 0,
    /** messages whose fields a decoder knew */
    decodedMessages: 0,
    /** messages without a single character: nothing to keep */
    emptyMessages: 0,
  };
  readonly sources = new SourceTable();

  readonly #append: (event: SensorEvent) => void;
  readonly #normalize: Normalize;
  readonly #match: (log: LogRecord) => void;
  #offsetMinutes = 0;

  constructor(append: (event: SensorEvent) => void, normalize: Normalize, match: (log: LogRecord) => void) {
    this.#append = append;
    this.#normalize = normalize;
    this.#match = match;
    this.#offsetMinutes = -new Date().getTimezoneOffset();
  }

  /** Ends an interval of `seconds`: rates are renewed, and summer time is followed. */
  turn(now: Date, seconds: number): void {
    // stamps without a zone are read in the machine's own
    this.#offsetMinutes = -now.getTimezoneOffset();
    this.sources.turn(seconds);
  }

  /** @param arrivedUs where that was before now */
  take(bytes: Buffer, sender: string, transport: LogRecord['transport'], arrivedUs = Date.now() * 1000): void {
    this.counters.receivedMessages++;
    this.counters.receivedBytes += bytes.length;
    if (!this.sources.add(sender, bytes.length, arrivedUs / 1000)) return;
    const raw = decodeMessage(bytes);
    if (raw === '') {
      this.counters.emptyMessages++;
      return;
    }
    const arrival: Arrival = { arrivedUs, offsetMinutes: this.#offsetMinutes, sender, transport };
    const log = parseLog(raw, arrival);
    if (log.format === 'raw') this.counters.rawMessages++;
    else this.counters.parsedMessages++;
    this.#normalize(log);
    if (log.decoder !== undefined) this.counters.decodedMessages++;
    this.#append({ type: 'log', timeUs: log.timeUs, log });
    this.#match(log);
  }
}
