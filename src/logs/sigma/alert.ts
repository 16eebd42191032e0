// A log rule's hit as an alert, in the shape of all other alerts, so that one list, one search and one archive hold
// both. What only a log has stands in `log_rule` and `log`, which no alert of the engine has.
import { createHash } from 'node:crypto';
import type { SensorEvent } from '../../api/event.ts';
import type { LogRecord } from '../../api/log-record.ts';
import type { EveAlert, EveRecord } from '../../eve/record.ts';
import { parseAddressOrNothing } from '../../net/address.ts';
import type { LogHit } from './engine.ts';
import type { Level } from './rule/rule.ts';

type AlertEvent = Extract<SensorEvent, { type: 'alert' }>;

/** The generator id of log rules; Suricata's own are small numbers. */
export const LOG_RULE_GID = 514;

/** Suricata's severities: 1 is the worst. */
const SEVERITY: Readonly<Record<Level, number>> = { critical: 1, high: 1, medium: 2, low: 3, informational: 4 };
const MAX_MESSAGE_CHARS = 2000;

/** The number that a rule is found by (`sid N`): 31 bits of its id's SHA-256, the same wherever the rule runs. */
export const sidOf = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE(0) >>> 1;

/** The alert of a hit on `log`, at the record's own time. */
export function alertOfHit({ rule, matched, correlated }: LogHit, log: LogRecord): AlertEvent {
  const { id, title, level, tags, file } = rule;
  const alert = {
    action: 'allowed',
    gid: LOG_RULE_GID,
    signature_id: sidOf(id),
    rev: 1,
    signature: title,
    category: 'Log rule',
    severity: SEVERITY[level],
    metadata: { log_rule: [id], level: [level], ...(tags.length > 0 ? { tags } : {}) },
  };
  const { eve, timeUs } = alertOnLog(log, alert, correlated?.lastUs);
  const log_rule = {
    id,
    level,
    file,
    ...(correlated === undefined ? { matched } : { ...correlated, type: rule.kind === 'correlation' && rule.type }),
  };
  return { type: 'alert', timeUs, eve: { ...eve, log_rule } };
}

/** An alert about a log event, with what is known of the event beside it. */
export function alertOnLog(log: LogRecord, alert: EveAlert, timeUs = log.timeUs): AlertEvent {
  const eve: EveRecord = {
    timestamp: new Date(timeUs / 1000).toISOString().replace('Z', '000+0000'),
    event_type: 'alert',
    ...endsOf(log),
    alert,
    log: {
      host: log.host,
      sender: log.sender,
      app: log.app,
      decoder: log.decoder,
      message: log.message.slice(0, MAX_MESSAGE_CHARS),
      ...log.fields,
    },
  };
  return { type: 'alert', timeUs, eve };
}

/** Whom the log tells of, where it says so by address; the host that logged it is the other end, or the only one. */
function endsOf({ fields = {}, host, sender }: LogRecord): Partial<EveRecord> {
  const source = addressOf(fields.source);
  const destination = addressOf(fields.destination);
  const logger = addressOf(host) ?? addressOf(sender);
  const src_ip = source ?? logger;
  const dest_ip = destination ?? (source === undefined ? undefined : logger);
  return {
    ...(src_ip === undefined ? {} : { src_ip }),
    ...(src_ip !== undefined && source !== undefined ? portOf('src_port', fields.sourcePort) : {}),
    ...(dest_ip === undefined ? {} : { dest_ip }),
    ...(destination === undefined ? {} : portOf('dest_port', fields.destinationPort)),
    ...(fields.protocol === undefined ? {} : { proto: fields.protocol.toUpperCase() }),
  };
}

const addressOf = (text: string | undefined): string | undefined =>
  text !== undefined && parseAddressOrNothing(text) !== undefined ? text : undefined;

const portOf = (key: 'src_port' | 'dest_port', text: string | undefined): Partial<EveRecord> =>
  text !== undefined && /^\d{1,5}$/.test(text) ? { [key]: Number(text) } : {};
