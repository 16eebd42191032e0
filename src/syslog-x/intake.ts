// One message's way: bytes -> text -> record -> fields -> spool, with everything counted that comes and goes.
import type { SensorEvent } from '../api/event.ts';
import type { LogRecord } from '../api/log-record.ts';
import type { Normalize } from '../logs/normalize.ts';
import { type Arrival, parseLog } from '../logs/parse.ts';
import { decodeMessage } from '../logs/text.ts';
import { SourceTable } from './sources.ts';

export class Intake {
  receivedMessages = 0;
  receivedBytes = 0;
  /** messages that followed RFC 5424 or 3164 */
  parsedMessages = 0;
  /** messages kept as they came */
  rawMessages = 0;
  /** messages whose fields a decoder knew */
  decodedMessages = 0;
  /** messages without a single character: nothing to keep */
  emptyMessages = 0;
  readonly sources = new SourceTable();

  readonly #append: (event: SensorEvent) => void;
  readonly #normalize: Normalize;
  #offsetMinutes = 0;

  constructor(append: (event: SensorEvent) => void, normalize: Normalize) {
    this.#append = append;
    this.#normalize = normalize;
    this.followZone(new Date());
  }

  /** Takes over the machine's zone, in which stamps without one are read; call it now and then for summer time. */
  followZone(now: Date): void {
    this.#offsetMinutes = -now.getTimezoneOffset();
  }

  take(bytes: Buffer, sender: string, transport: LogRecord['transport']): void {
    const nowMs = Date.now();
    this.receivedMessages++;
    this.receivedBytes += bytes.length;
    this.sources.add(sender, bytes.length, nowMs);
    const raw = decodeMessage(bytes);
    if (raw === '') {
      this.emptyMessages++;
      return;
    }
    const arrival: Arrival = { arrivedUs: nowMs * 1000, offsetMinutes: this.#offsetMinutes, sender, transport };
    const log = parseLog(raw, arrival);
    if (log.format === 'raw') this.rawMessages++;
    else this.parsedMessages++;
    this.#normalize(log);
    if (log.decoder !== undefined) this.decodedMessages++;
    this.#append({ type: 'log', timeUs: log.timeUs, log });
  }
}
