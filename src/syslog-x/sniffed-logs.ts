// Syslog that capture saw on the promiscuous interface, off its spool stream: messages to servers elsewhere, taken in as
// if they had come here. At least once: what was read shortly before a crash is read again.
import { readFileSync } from 'node:fs';
import type { SniffedDatagram } from '../api/event.ts';
import { messageOf } from '../errors.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import { type Bookmark, parseBookmark } from '../spool/bookmark.ts';
import { readBatch } from '../spool/reader.ts';

/** Megabytes that are read in one go; then those who send to us have their turn. */
const MOST_BATCHES = 8;

export interface SniffedLogsOptions {
  spoolDir: string;
  bookmarkFile: string;
  take: (payload: Buffer, source: string, timeUs: number) => void;
}

export class SniffedLogs {
  readonly counters = {
    sniffedMessages: 0,
    /** messages to this machine's own ports, which came in by them too */
    ownSniffedMessages: 0,
    /** messages that the spool gave up before they were read, and records that make no sense */
    lostSniffedMessages: 0,
  };
  /** why the stream cannot be read, or it cannot be kept how far it was */
  problem: string | undefined;
  readonly #options: SniffedLogsOptions;
  #place: Bookmark;
  #kept: Bookmark;

  constructor(options: SniffedLogsOptions) {
    this.#options = options;
    this.#place = this.#kept = parseBookmark(readOrNothing(options.bookmarkFile));
  }

  /**
   * Takes what is new.
   * @param isReceived whether messages to this address and port are received here
   */
  read(isReceived: (address: string, port: number) => boolean): void {
    try {
      for (let batches = 0; batches < MOST_BATCHES; batches++) {
        const { records, next, badRecords } = readBatch(this.#options.spoolDir, 'sniffed-logs', this.#place);
        this.counters.lostSniffedMessages += badRecords;
        for (const { event } of records) {
          if (event.type === 'gap') this.counters.lostSniffedMessages += event.count;
          else if (event.type === 'datagram') this.#take(event.datagram, event.timeUs, isReceived);
        }
        if (next.record === this.#place.record && next.offset === this.#place.offset) break;
        this.#place = next;
      }
      this.problem = undefined;
    } catch (error) {
      this.problem = `logs off the mirror cannot be read: ${messageOf(error)}`;
    }
  }

  /** Keeps how far it was read; to be called when what was taken is stored. */
  keep(): void {
    if (this.#kept === this.#place) return;
    try {
      writeFileAtomic(this.#options.bookmarkFile, JSON.stringify(this.#place), { durable: false });
      this.#kept = this.#place;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  #take(
    { source, destination, port, text }: SniffedDatagram,
    timeUs: number,
    isReceived: (address: string, port: number) => boolean,
  ): void {
    if (isReceived(destination, port)) {
      this.counters.ownSniffedMessages++;
      return;
    }
    this.counters.sniffedMessages++;
    this.#options.take(Buffer.from(text, 'latin1'), source, timeUs);
  }
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // never read before: from what is left on
  }
}
