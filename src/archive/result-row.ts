// What the database answers, as rows of the API.
import type { Incident } from '../api/incident.ts';
import type { LogRecord } from '../api/log-record.ts';
import type { HostRow, SearchRow } from '../api/rows.ts';
import type { EveRecord } from '../eve/record.ts';
import { formatAddressNumber, numberOfHalves } from '../net/address-number.ts';
import { type RowTable, rowId } from './search-sql.ts';

const TYPES = { alerts: 'alert', flows: 'flow', events: 'protocol' } as const;

/** A row of renderSearch or renderFind: `time_us`, `record`, `json`. */
export function searchRow(table: RowTable, row: Record<string, unknown>): SearchRow {
  const json: unknown = JSON.parse(String(row.json));
  if (table === 'incidents') return { type: 'incident', incident: json as Incident };
  const timeUs = Number(row.time_us);
  const id = rowId(timeUs, Number(row.record));
  if (table === 'logs') return { type: 'log', id, timeUs, log: json as LogRecord };
  return { type: TYPES[table], id, timeUs, eve: json as EveRecord };
}

/** A row of renderHosts. */
export function hostRow(row: Record<string, unknown>): HostRow {
  return {
    type: 'host',
    address: formatAddressNumber(numberOfHalves(row.ip_high as bigint, row.ip_low as bigint)),
    firstUs: Number(row.first_us),
    lastUs: Number(row.last_us),
    flows: Number(row.flows),
    sentBytes: Number(row.sent),
    receivedBytes: Number(row.received),
    alerts: Number(row.alerts),
    worstSeverity: row.severity === null ? undefined : Number(row.severity),
    ...(row.rank === null ? {} : { rank: Number(row.rank), standing: row.incident === 1 ? 'incident' : 'suspect' }),
  };
}
