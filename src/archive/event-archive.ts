// What the event archive can do, whatever keeps it: DuckDB on a sensor, another database beyond one machine.
import type { HostRow, SearchRow, SearchTable } from '../api/rows.ts';
import type { Filter } from '../query/filter.ts';
import type { Bookmark } from '../spool/bookmark.ts';
import type { Batch } from '../spool/reader.ts';

export interface Search {
  filter: Filter;
  /** microseconds, inclusive */
  fromUs?: number;
  /** microseconds, exclusive */
  toUs?: number;
  limit: number;
  /** `id` of the last row of the page before this one */
  before?: string;
}

export interface Coverage {
  rows: number;
  oldestUs?: number;
  newestUs?: number;
}

export interface RetentionLimits {
  days: number;
  /** of the database file's blocks in use */
  bytes: number;
}

export interface Pruned {
  rows: number;
  /** everything older than this is gone; undefined when nothing had to go */
  beforeUs?: number;
  usedBytes: number;
}

export interface EventArchive {
  /** Where `stream` was left: the start for a stream never seen. */
  bookmark(stream: string): Bookmark;
  /**
   * Applies one batch of `stream` and its bookmark in one transaction: all of it or nothing.
   * @returns records that were no event and were passed over
   * @throws MssError 'archive'; the batch may be applied again
   */
  apply(stream: string, batch: Batch): Promise<number>;
  /**
   * Rows of `table` that match, newest first (incidents: highest rank first).
   * @throws MssError 'query' for a word without meaning there, 'archive' when it takes too long or the disk fails
   */
  search(table: Exclude<SearchTable, 'hosts'>, search: Search): Promise<SearchRow[]>;
  /** Addresses seen in flows and alerts that match: by rank, then those with the worst and most alerts, then by volume. */
  hosts(search: Search): Promise<HostRow[]>;
  /** One row by its id. */
  find(table: Exclude<SearchTable, 'hosts'>, id: string): Promise<SearchRow | undefined>;
  coverage(table: Exclude<SearchTable, 'hosts'>): Promise<Coverage>;
  /** Deletes what is older than `days` before `nowUs`, then the oldest until the rest fits into `bytes`. */
  prune(limits: RetentionLimits, nowUs: number): Promise<Pruned>;
  close(): Promise<void>;
}

/** What is asked of an archive by those that only read. */
export type ArchiveReader = Pick<EventArchive, 'search' | 'hosts' | 'find' | 'coverage'>;
