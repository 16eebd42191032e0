// What a search answers: one row type a table, as the API sends them and `--json` prints them (one a line).
// Times are microseconds since 1970, as in event.ts.
import type { EveRecord } from '../eve/record.ts';
import type { Incident } from './incident.ts';
import type { LogRecord } from './log-record.ts';

/** What can be searched with the filter words; `events` are protocol records (dns, http, tls, ...). */
export const SEARCH_TABLES = ['alerts', 'flows', 'events', 'hosts', 'logs', 'incidents'] as const;
export type SearchTable = (typeof SEARCH_TABLES)[number];

/** `id` names the row for good (its time and its number in the spool) and is where a next page goes on. */
export interface AlertRow {
  type: 'alert';
  id: string;
  timeUs: number;
  eve: EveRecord;
}

export interface FlowRow {
  type: 'flow';
  id: string;
  timeUs: number;
  eve: EveRecord;
}

export interface EventRow {
  type: 'protocol';
  id: string;
  timeUs: number;
  eve: EveRecord;
}

export interface LogRow {
  type: 'log';
  id: string;
  timeUs: number;
  log: LogRecord;
}

export interface IncidentRow {
  type: 'incident';
  incident: Incident;
}

/** One address with what was seen of it in the time asked for. */
export interface HostRow {
  type: 'host';
  address: string;
  firstUs: number;
  lastUs: number;
  flows: number;
  /** bytes of its flows, sent and received by it */
  sentBytes: number;
  receivedBytes: number;
  alerts: number;
  /** of its alerts; 1 is the worst */
  worstSeverity?: number;
  /** -100..100: of its worst incident, else as a suspect; absent for a host without a loud step */
  rank?: number;
  standing?: 'incident' | 'suspect';
}

export type SearchRow = AlertRow | FlowRow | EventRow | LogRow | IncidentRow | HostRow;

/** Answer to a search: the rows, newest (or worst) first. */
export interface SearchPage<Row extends SearchRow = SearchRow> {
  rows: Row[];
  /** there are more; ask again with `before` = id of the last row */
  more: boolean;
  /** why there are no rows, for a person; only on an empty first page */
  nothing?: string;
}

/** A file out of the traffic, as GET /api/files lists them. */
export interface KeptFileRow {
  type: 'file';
  sha256: string;
  bytes: number;
  /** when it was seen last, in milliseconds since 1970 */
  seenMs: number;
  /** absent where nothing is known but the bytes */
  note?: {
    timeUs: number;
    name?: string;
    kind?: string;
    app?: string;
    from?: string;
    to?: string;
    communityId?: string;
  };
}
