// The rows of a search as a table for a person. Times are UTC, as in the records.
import type { Incident } from '../../api/incident.ts';
import { type Origins, renderOrigin } from '../../api/origin.ts';
import type { SearchRow, SearchTable } from '../../api/rows.ts';
import type { EveRecord } from '../../eve/record.ts';
import { formatBytes, formatCount } from '../format.ts';
import { renderTable, type TextColumn } from './text-table.ts';

type Shown = Exclude<SearchTable, 'events'>;

const TIME: TextColumn = { head: 'TIME (UTC)' };
const COLUMNS: Readonly<Record<Shown, readonly TextColumn[]>> = {
  alerts: [
    TIME,
    { head: 'SEV', right: true },
    { head: 'RULE' },
    { head: 'FROM' },
    { head: 'TO' },
    { head: 'PROTO' },
    { head: 'SIGNATURE', flexible: true },
  ],
  flows: [
    TIME,
    { head: 'FROM' },
    { head: 'TO' },
    { head: 'PROTO' },
    { head: 'APP' },
    { head: 'SENT', right: true },
    { head: 'RECEIVED', right: true },
    { head: 'STATE' },
  ],
  hosts: [
    { head: 'HOST' },
    { head: 'RANK', right: true },
    { head: 'STANDING' },
    { head: 'ALERTS', right: true },
    { head: 'WORST', right: true },
    { head: 'FLOWS', right: true },
    { head: 'SENT', right: true },
    { head: 'RECEIVED', right: true },
    { head: 'FIRST (UTC)' },
    { head: 'LAST (UTC)' },
    { head: 'COUNTRY, AS', flexible: true },
  ],
  logs: [
    TIME,
    { head: 'FROM' },
    { head: 'SEV', right: true },
    { head: 'PROGRAM' },
    { head: 'MESSAGE', flexible: true },
  ],
  incidents: [
    { head: 'RANK', right: true },
    { head: 'HOST' },
    { head: 'PHASES' },
    { head: 'FIRST (UTC)' },
    { head: 'LAST (UTC)' },
    { head: 'STATE' },
    { head: 'LAST EVIDENCE', flexible: true },
  ],
};

/**
 * @param width columns of the screen; Infinity where the output is no screen
 * @param origins of addresses: stand beside them
 */
export function renderRows(table: Shown, rows: readonly SearchRow[], width: number, origins: Origins = {}): string {
  return renderTable(
    COLUMNS[table],
    rows.map((row) => cells(row, origins)),
    width,
  );
}

function cells(row: SearchRow, origins: Origins): string[] {
  switch (row.type) {
    case 'alert': {
      const { alert } = row.eve;
      const rule = alert === undefined ? '?' : `${alert.gid}:${alert.signature_id}:${alert.rev}`;
      return [
        time(row.timeUs),
        String(alert?.severity ?? '?'),
        rule,
        ...ends(row.eve, origins),
        row.eve.proto ?? '?',
        alert?.signature ?? '?',
      ];
    }
    case 'flow':
    case 'protocol': {
      const { flow } = row.eve;
      return [
        time(row.timeUs),
        ...ends(row.eve, origins),
        row.eve.proto ?? '?',
        row.eve.app_proto ?? '',
        flow === undefined ? '' : formatBytes(flow.bytes_toserver),
        flow === undefined ? '' : formatBytes(flow.bytes_toclient),
        flow?.state ?? '',
      ];
    }
    case 'host':
      return [
        row.address,
        String(row.rank ?? ''),
        row.standing ?? '',
        formatCount(row.alerts),
        String(row.worstSeverity ?? ''),
        formatCount(row.flows),
        formatBytes(row.sentBytes),
        formatBytes(row.receivedBytes),
        time(row.firstUs),
        time(row.lastUs),
        originText(origins, row.address),
      ];
    case 'log': {
      const { log } = row;
      return [time(row.timeUs), log.host ?? log.sender, String(log.severity ?? ''), log.app ?? '', log.message];
    }
    case 'incident':
      return incidentCells(row.incident);
  }
}

function incidentCells(incident: Incident): string[] {
  const { rank, host, phases, firstUs, lastUs, state, evidence } = incident;
  const last = evidence.at(-1)?.summary ?? '';
  return [String(Math.round(rank)), host, phases.join(','), time(firstUs), time(lastUs), state, last];
}

const originText = (origins: Origins, address: string): string =>
  Object.hasOwn(origins, address) ? renderOrigin(origins[address]) : '';

function ends(eve: EveRecord, origins: Origins): [string, string] {
  const end = (address: string | undefined, port: number | undefined) => {
    if (address === undefined) return '?';
    const origin = originText(origins, address);
    const behind = origin === '' ? '' : ` (${origin})`;
    if (port === undefined) return address + behind;
    return (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`) + behind;
  };
  return [end(eve.src_ip, eve.src_port), end(eve.dest_ip, eve.dest_port)];
}

/** "2026-11-24 11:20:05" */
const time = (timeUs: number): string => new Date(timeUs / 1000).toISOString().slice(0, 19).replace('T', ' ');
