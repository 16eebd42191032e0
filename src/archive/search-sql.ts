// The SQL of searches: a table's rows that match, page by page, and hosts out of flows and alerts. Text only.
import type { SearchTable } from '../api/rows.ts';
import { MssError } from '../errors.ts';
import { planSql, type SqlCondition } from '../query/plan-sql.ts';
import type { Search } from './event-archive.ts';

type Param = SqlCondition['params'][number];
export interface SqlText {
  sql: string;
  params: Param[];
}

/** The column with the whole record as JSON. */
const RECORD_COLUMN = { alerts: 'eve', flows: 'eve', events: 'eve', logs: 'log', incidents: 'incident' } as const;
export type RowTable = keyof typeof RECORD_COLUMN;

/** `time_us`, `record` (undefined for incidents) and `json` of the rows that match. */
export function renderSearch(table: RowTable, search: Search): SqlText {
  const condition = planSql(search.filter, table);
  const terms = [condition.sql];
  const params = [...condition.params];
  const and = (sql: string, ...values: Param[]) => {
    terms.push(sql);
    params.push(...values);
  };
  if (search.fromUs !== undefined) and('time_us >= ?', search.fromUs);
  // what lasts matches with any part of it
  const start = table === 'flows' ? 'start_us' : table === 'incidents' ? 'first_us' : 'time_us';
  if (search.toUs !== undefined) and(`${start} < ?`, search.toUs);
  if (search.before !== undefined) {
    if (table === 'incidents') throw new MssError('query', 'incidents have one page only; leave "before" out');
    const { timeUs, record } = parseRowId(search.before);
    and('(time_us < ? or (time_us = ? and record < ?))', timeUs, timeUs, record);
  }
  const order = table === 'incidents' ? 'rank desc, time_us desc, id' : 'time_us desc, record desc';
  const record = table === 'incidents' ? 'null' : 'record';
  return {
    sql:
      `select time_us, ${record} as record, ${RECORD_COLUMN[table]} as json from ${table} ` +
      `where ${terms.join(' and ')} order by ${order} limit ?`,
    params: [...params, search.limit],
  };
}

/** One row by its id. */
export function renderFind(table: RowTable, id: string): SqlText {
  if (table === 'incidents') {
    return {
      sql: 'select time_us, null as record, incident as json from incidents where id = ? limit 1',
      params: [id],
    };
  }
  const { timeUs, record } = parseRowId(id);
  return {
    sql: `select time_us, record, ${RECORD_COLUMN[table]} as json from ${table} where time_us = ? and record = ? limit 1`,
    params: [timeUs, record],
  };
}

/** Rank and kind of each host that has an incident, or else was suspect lately. */
const STANDING =
  'select host_high, host_low, max(incident) as incident, ' +
  'coalesce(max(rank) filter (where incident = 1), max(rank)) as rank from (' +
  'select host_high, host_low, rank, 1 as incident from incidents where time_us >= ? and first_us < ? union all ' +
  'select host_high, host_low, arg_max(rank, time_us), 0 from suspects where time_us >= ? and time_us < ? ' +
  'group by host_high, host_low) group by host_high, host_low';

/** Each flow and alert counts for both of its ends; the filter is asked of each end. The highest rank comes first. */
export function renderHosts(search: Search): SqlText {
  if (search.before !== undefined) throw new MssError('query', 'hosts have one page only; leave "before" out');
  const condition = planSql(search.filter, 'hosts');
  const shared = 'src_port, dst_port, proto, vlan, app_proto, community_id, time_us';
  const end = (table: 'flows' | 'alerts', mine: 'src' | 'dst') => {
    const flow = table === 'flows';
    const [sent, received] = mine === 'src' ? ['server', 'client'] : ['client', 'server'];
    return (
      `select ${mine}_high as ip_high, ${mine}_low as ip_low, ${shared}, ${flow ? 'start_us' : 'time_us'} as start_us, ` +
      `${flow ? `1 as flows, bytes_to_${sent} as sent, bytes_to_${received} as received, 0 as alerts, null as severity` : '0 as flows, 0 as sent, 0 as received, 1 as alerts, severity'} ` +
      `from ${table}`
    );
  };
  const terms = ['ip_low is not null', condition.sql];
  const params = [...condition.params];
  if (search.fromUs !== undefined) {
    terms.push('time_us >= ?');
    params.push(search.fromUs);
  }
  if (search.toUs !== undefined) {
    terms.push('start_us < ?');
    params.push(search.toUs);
  }
  const { fromUs = 0, toUs = Number.MAX_SAFE_INTEGER } = search;
  const ends = [end('flows', 'src'), end('flows', 'dst'), end('alerts', 'src'), end('alerts', 'dst')];
  return {
    sql:
      'select seen.*, standing.rank, standing.incident from (select ip_high, ip_low, min(start_us) as first_us, max(time_us) as last_us, sum(flows)::BIGINT as flows, ' +
      'sum(sent)::BIGINT as sent, sum(received)::BIGINT as received, sum(alerts)::BIGINT as alerts, ' +
      `min(severity) as severity from (${ends.join(' union all ')}) where ${terms.join(' and ')} group by ip_high, ip_low) seen ` +
      `left join (${STANDING}) standing on ip_high = host_high and ip_low = host_low ` +
      'order by standing.rank desc nulls last, severity nulls last, alerts desc, sent + received desc, ip_high, ip_low ' +
      'limit ?',
    params: [...params, fromUs, toUs, fromUs, toUs, search.limit],
  };
}

/** How much a table holds, and of which time. */
export const renderCoverage = (table: Exclude<SearchTable, 'hosts'>): string =>
  `select count(*) as rows, min(time_us) as oldest, max(time_us) as newest from ${table}`;

/** The id of a row: its time, and its number in the spool stream it came from. */
export const rowId = (timeUs: number, record: number): string => `${timeUs}.${record}`;

function parseRowId(id: string): { timeUs: number; record: number } {
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(id);
  if (match === null) throw new MssError('usage', `"${id.slice(0, 50)}" is no id of a row; take it from a search`);
  return { timeUs: Number(match[1]), record: Number(match[2]) };
}
