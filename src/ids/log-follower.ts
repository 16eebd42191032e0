// Follows syslog-x's stream, for what its log events and the hits of its rules say beside the wire.
import type { LogRecord } from '../api/log-record.ts';
import type { EveRecord } from '../eve/record.ts';
import type { Bookmark } from '../spool/bookmark.ts';
import { readBatch } from '../spool/reader.ts';
import { listSegments } from '../spool/segment.ts';

/** segments read back at the start: 8 MB each */
const REMEMBERED_SEGMENTS = 2;

/** A log event, or a rule's hit on one. */
export type NumberedLog = { number: number; timeUs: number } & ({ log: LogRecord } | { hit: EveRecord });

export interface LogBatch {
  logs: NumberedLog[];
  /** where to go on; keep it with what was made of the logs */
  next: Bookmark;
  /** more may be there already */
  more: boolean;
}

export class LogFollower {
  /** records that syslog-x pruned, or nobody can read, before they were seen here */
  lostLogs = 0;
  readonly #dir: string;
  #place: Bookmark;

  constructor(dir: string, from: Bookmark) {
    this.#dir = dir;
    this.#place = from;
  }

  /** The next log events, at most a megabyte of them; none when there is nothing new. */
  read(): LogBatch {
    const { records, next, badRecords } = readBatch(this.#dir, 'syslog-x', this.#place);
    const more = next.record !== this.#place.record || next.offset !== this.#place.offset;
    this.#place = next;
    this.lostLogs += badRecords;
    const logs: NumberedLog[] = [];
    for (const { number, event } of records) {
      if (event.type === 'log') logs.push({ number, timeUs: event.timeUs, log: event.log });
      else if (event.type === 'alert') logs.push({ number, timeUs: event.timeUs, hit: event.eve });
      else if (event.type === 'gap') this.lostLogs += event.count;
    }
    return { logs, next, more };
  }
}

/** The last log events before a bookmark, in batches, for what is to go on where it was. */
export function* readLogsBefore({ record: until }: Bookmark, dir: string): Generator<NumberedLog[]> {
  const first = listSegments(dir)
    .filter((segment) => segment < until)
    .at(-REMEMBERED_SEGMENTS);
  const start = first ?? listSegments(dir)[0] ?? until;
  const follower = new LogFollower(dir, { record: start, segment: start, offset: 0 });
  for (let batch = follower.read(); batch.logs.length > 0 && batch.logs[0].number < until; batch = follower.read()) {
    yield batch.logs.filter(({ number }) => number < until);
  }
}
