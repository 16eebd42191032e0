// The archive's tables, column by column, in the order in which rows are appended. No SQL engine is known here.

export type ColumnType = 'BIGINT' | 'UBIGINT' | 'INTEGER' | 'VARCHAR' | 'INTEGER[]' | 'BIGINT[]' | 'VARCHAR[]';

/** A value as it is appended: bigint for BIGINT and UBIGINT, number for INTEGER. */
export type ColumnValue = string | number | bigint | number[] | bigint[] | string[] | undefined;

/** Grows with every change of the tables; a file of another version is set aside. */
export const SCHEMA_VERSION = 2;

const FLOW_COLUMNS = {
  time_us: 'BIGINT',
  /** number in its spool stream: with the time it names the row */
  record: 'BIGINT',
  /** addresses are numbers of src/net/address-number.ts, in halves */
  src_high: 'UBIGINT',
  src_low: 'UBIGINT',
  src_port: 'INTEGER',
  dst_high: 'UBIGINT',
  dst_low: 'UBIGINT',
  dst_port: 'INTEGER',
  proto: 'INTEGER',
  vlan: 'INTEGER[]',
  app_proto: 'VARCHAR',
  community_id: 'VARCHAR',
} as const;

export const TABLES = {
  alerts: {
    ...FLOW_COLUMNS,
    gid: 'BIGINT',
    sid: 'BIGINT',
    rev: 'BIGINT',
    signature: 'VARCHAR',
    category: 'VARCHAR',
    severity: 'INTEGER',
    action: 'VARCHAR',
    /** the whole EVE record as JSON */
    eve: 'VARCHAR',
  },
  flows: {
    ...FLOW_COLUMNS,
    start_us: 'BIGINT',
    bytes_to_server: 'BIGINT',
    bytes_to_client: 'BIGINT',
    eve: 'VARCHAR',
  },
  events: { ...FLOW_COLUMNS, event_type: 'VARCHAR', eve: 'VARCHAR' },
  logs: {
    time_us: 'BIGINT',
    record: 'BIGINT',
    sender_high: 'UBIGINT',
    sender_low: 'UBIGINT',
    /** where the message's host is an address */
    host_high: 'UBIGINT',
    host_low: 'UBIGINT',
    app: 'VARCHAR',
    severity: 'INTEGER',
    /** as it came, header and all: what words in quotes are looked for in */
    raw: 'VARCHAR',
    /** the whole LogRecord as JSON */
    log: 'VARCHAR',
  },
  incidents: {
    id: 'VARCHAR',
    time_us: 'BIGINT',
    host_high: 'UBIGINT',
    host_low: 'UBIGINT',
    rank: 'INTEGER',
    first_us: 'BIGINT',
    phases: 'VARCHAR[]',
    sids: 'BIGINT[]',
    /** summaries of its evidence, one a line */
    summaries: 'VARCHAR',
    incident: 'VARCHAR',
  },
  /** each time that a host's standing changed; an incident is no suspect */
  suspects: { time_us: 'BIGINT', host_high: 'UBIGINT', host_low: 'UBIGINT', rank: 'INTEGER', phases: 'VARCHAR[]' },
  notices: { time_us: 'BIGINT', service: 'VARCHAR', level: 'VARCHAR', text: 'VARCHAR' },
  gaps: { time_us: 'BIGINT', stream: 'VARCHAR', from_record: 'BIGINT', to_record: 'BIGINT', count: 'BIGINT' },
} as const satisfies Record<string, Record<string, ColumnType>>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** Statements that make all tables where they are not there yet. No index: zone maps on time do, and cost nothing. */
export function renderSchema(): string[] {
  const tables = TABLE_NAMES.map((name) => {
    const columns = Object.entries(TABLES[name]).map(([column, type]) => `${column} ${type}`);
    return `create table if not exists ${name} (${columns.join(', ')})`;
  });
  return [
    ...tables,
    'create table if not exists bookmarks (stream VARCHAR, bookmark VARCHAR)',
    'create table if not exists about (schema_version INTEGER)',
  ];
}
