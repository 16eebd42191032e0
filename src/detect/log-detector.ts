// What every detector of logs is: log events with their ties in, dialog events out. It also hears what all others saw,
// since a log line often only means something beside what the wire showed.
import type { LogRecord } from '../api/log-record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';

/** A conversation on the wire, client first; spelled as EVE does. */
export interface Conversation {
  src_ip: string;
  src_port?: number;
  dest_ip: string;
  dest_port?: number;
  proto?: string;
  community_id?: string;
  flow_id?: number | bigint;
}

/** A log event with the host of ours that it tells of, and the conversation it belongs to, where they are known. */
export interface TiedLog {
  log: LogRecord;
  /** number of the record in syslog-x's stream; undefined for an imported file */
  record?: number;
  host?: string;
  conversation?: Conversation;
}

export interface LogDetector {
  readonly name: string;
  /** what it gave up to stay within its bounds */
  readonly evictedKeys: number;
  /** Looks at one log event. */
  observe(tied: TiedLog): DialogEvent[];
  /** Looks at what another detector, of logs or of the wire, saw. */
  learn?(event: DialogEvent): DialogEvent[];
}

/** The ends that a log event names or is tied to, for a dialog event about it. */
export function endsOfLog({ log, host, conversation }: TiedLog): Conversation {
  if (conversation !== undefined) {
    const { flow_id: _flow, ...ends } = conversation;
    return ends;
  }
  const { source = '', sourcePort, destination, destinationPort, protocol } = log.fields ?? {};
  return {
    src_ip: source,
    src_port: portOf(sourcePort),
    dest_ip: destination ?? host ?? '',
    dest_port: portOf(destinationPort),
    proto: protocol?.toUpperCase(),
  };
}

/** A port as a log writes it; undefined for anything else. */
export const portOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
