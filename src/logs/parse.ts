// One log message -> LogRecord. No message is refused: what no grammar fits is kept as it came, as 'raw'.
import type { LogRecord } from '../api/log-record.ts';
import type { TimeContext } from './calendar.ts';
import type { LogHeader } from './header.ts';
import { readPriority } from './priority.ts';
import { readRfc3164 } from './rfc3164.ts';
import { readRfc5424 } from './rfc5424.ts';

/** How a message came: {@link LogRecord} keeps it, and its time stamp is read against it. */
export interface Arrival extends TimeContext {
  sender: string;
  transport: LogRecord['transport'];
}

// a stamp further ahead than this comes from a clock that is wrong, and so does one from before syslog had an RFC
const MAX_AHEAD_US = 86_400e6;
const MIN_CREDIBLE_US = 978_307_200e6; // 2001-01-01

/**
 * Parses one message (RFC 5424, else RFC 3164 in its many forms, else raw). Never throws; time is linear in its length.
 * @param raw the whole message without framing; it is kept unchanged
 */
export function parseLog(raw: string, arrival: Arrival): LogRecord {
  const priority = readPriority(raw);
  const start = priority?.end ?? 0;
  let format = '5424';
  let header: LogHeader | undefined = priority && readRfc5424(raw, start, arrival);
  if (header === undefined) {
    format = '3164';
    header = readRfc3164(raw, start, priority !== undefined, arrival);
  }
  if (header === undefined) {
    format = 'raw';
    header = { end: start };
  }
  const stated = header.timeUs;
  const credible = stated !== undefined && stated >= MIN_CREDIBLE_US && stated <= arrival.arrivedUs + MAX_AHEAD_US;
  // always the same keys in the same order: one hidden class keeps what reads the records fast
  return {
    timeUs: credible ? stated : arrival.arrivedUs,
    arrivedUs: arrival.arrivedUs,
    sender: arrival.sender,
    transport: arrival.transport,
    facility: priority?.facility,
    severity: priority?.severity ?? header.severity,
    host: header.host,
    app: header.app,
    procId: header.procId,
    msgId: header.msgId,
    structuredData: header.structuredData,
    message: header.end === 0 ? raw : raw.slice(header.end),
    raw,
    format,
    fields: undefined,
    decoder: undefined,
  };
}
