// A spool record as the values of one row, in the order of schema.ts.
import { renderBlockReport } from '../api/block.ts';
import type { SensorEvent } from '../api/event.ts';
import { type Incident, renderVerdict } from '../api/incident.ts';
import type { LogRecord } from '../api/log-record.ts';
import { MssError } from '../errors.ts';
import type { EveRecord } from '../eve/record.ts';
import { parseAddressOrNothing } from '../net/address.ts';
import { addressNumber, halvesOf } from '../net/address-number.ts';
import { parseProtocol } from '../net/protocol-number.ts';
import type { ColumnValue, TABLES, TableName } from './schema.ts';

type Row<T extends TableName> = Record<keyof (typeof TABLES)[T], ColumnValue>;
export type ArchiveRow = { [T in TableName]: { table: T; values: Row<T> } }[TableName];

/**
 * The row of one record.
 * @param record its number in the stream
 * @throws MssError 'input' for a record of no known type, or without a time
 */
export function rowOf(record: number, event: SensorEvent): ArchiveRow {
  if (!Number.isSafeInteger(event.timeUs)) {
    throw new MssError('input', `record ${record} has no time: ${JSON.stringify(event).slice(0, 200)}`);
  }
  const timeUs = BigInt(event.timeUs);
  switch (event.type) {
    case 'alert':
      return { table: 'alerts', values: { ...flowValues(timeUs, record, event.eve), ...alertValues(event.eve) } };
    case 'flow':
      return {
        table: 'flows',
        values: { ...flowValues(timeUs, record, event.eve), ...volumeValues(timeUs, event.eve) },
      };
    case 'protocol':
      return {
        table: 'events',
        values: {
          ...flowValues(timeUs, record, event.eve),
          event_type: event.eve.event_type,
          eve: JSON.stringify(event.eve),
        },
      };
    case 'log':
      return { table: 'logs', values: logValues(timeUs, record, event.log) };
    case 'incident':
      return { table: 'incidents', values: incidentValues(timeUs, event.incident) };
    case 'verdict': {
      const { incident, verdict } = event;
      const values = { service: 'portal', level: 'info', text: renderVerdict(incident, verdict) };
      return { table: 'notices', values: { time_us: timeUs, ...values } };
    }
    case 'suspect': {
      const { host, rank, phases } = event.suspect;
      const address = addressHalves(host);
      return {
        table: 'suspects',
        values: { time_us: timeUs, host_high: address?.high, host_low: address?.low, rank: Math.round(rank), phases },
      };
    }
    case 'notice':
      return noticeRow(timeUs, event.service, event.text, event.level);
    case 'block-request':
      return noticeRow(timeUs, 'ids', `asks to block ${event.request.remote}: ${event.request.why}`);
    case 'block':
      return noticeRow(timeUs, 'softips', renderBlockReport(event.block));
    case 'gap':
      return {
        table: 'gaps',
        values: {
          time_us: timeUs,
          stream: event.stream,
          from_record: BigInt(event.from),
          to_record: BigInt(event.to),
          count: BigInt(event.count),
        },
      };
    default:
      throw new MssError('input', `record ${record} is of no known type: ${JSON.stringify(event).slice(0, 200)}`);
  }
}

const noticeRow = (timeUs: bigint, service: string, text: string, level = 'info') => ({
  table: 'notices' as const,
  values: { time_us: timeUs, service, level, text },
});

function flowValues(timeUs: bigint, record: number, eve: EveRecord) {
  const source = addressHalves(eve.src_ip);
  const target = addressHalves(eve.dest_ip);
  return {
    time_us: timeUs,
    record: BigInt(record),
    src_high: source?.high,
    src_low: source?.low,
    src_port: eve.src_port,
    dst_high: target?.high,
    dst_low: target?.low,
    dst_port: eve.dest_port,
    proto: protocolValue(eve.proto),
    vlan: eve.vlan,
    app_proto: eve.app_proto,
    community_id: eve.community_id,
  };
}

function alertValues(eve: EveRecord) {
  const { alert } = eve;
  return {
    gid: integerValue(alert?.gid),
    sid: integerValue(alert?.signature_id),
    rev: integerValue(alert?.rev),
    signature: alert?.signature,
    category: alert?.category,
    severity: alert?.severity,
    action: alert?.action,
    eve: JSON.stringify(eve),
  };
}

function volumeValues(timeUs: bigint, eve: EveRecord) {
  const startMs = Date.parse(eve.flow?.start ?? '');
  return {
    start_us: Number.isNaN(startMs) ? timeUs : BigInt(startMs) * 1000n,
    bytes_to_server: integerValue(eve.flow?.bytes_toserver),
    bytes_to_client: integerValue(eve.flow?.bytes_toclient),
    eve: JSON.stringify(eve),
  };
}

function logValues(timeUs: bigint, record: number, log: LogRecord) {
  const sender = addressHalves(log.sender);
  const host = addressHalves(log.host);
  return {
    time_us: timeUs,
    record: BigInt(record),
    sender_high: sender?.high,
    sender_low: sender?.low,
    host_high: host?.high,
    host_low: host?.low,
    app: log.app,
    severity: log.severity,
    raw: log.raw,
    log: JSON.stringify(log),
  };
}

function incidentValues(timeUs: bigint, incident: Incident) {
  const host = addressHalves(incident.host);
  const sids = new Set(incident.evidence.flatMap(({ rule }) => sidOf(rule)));
  return {
    id: incident.id,
    time_us: timeUs,
    host_high: host?.high,
    host_low: host?.low,
    rank: Math.round(incident.rank),
    first_us: BigInt(Math.round(incident.firstUs)),
    phases: incident.phases,
    sids: [...sids],
    summaries: incident.evidence.map(({ summary }) => summary).join('\n'),
    incident: JSON.stringify(incident),
  };
}

/** The middle of gid:sid:rev. */
function sidOf(rule: string | undefined): bigint[] {
  const sid = rule?.split(':')[1];
  return sid !== undefined && /^\d{1,10}$/.test(sid) ? [BigInt(sid)] : [];
}

function addressHalves(text: string | undefined): { high: bigint; low: bigint } | undefined {
  const bytes = text === undefined ? undefined : parseAddressOrNothing(text);
  return bytes === undefined ? undefined : halvesOf(addressNumber(bytes));
}

function protocolValue(name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  try {
    return parseProtocol(name);
  } catch {
    return undefined; // a name of Suricata's that no filter word reaches; the record keeps it
  }
}

function integerValue(value: number | undefined): bigint | undefined {
  return Number.isSafeInteger(value) ? BigInt(value!) : undefined;
}
