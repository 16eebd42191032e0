// The records that travel in the event spool, on the live stream and out of `--json`: one tagged union.
// Times are microseconds since 1970 as a JS number (exact until 2255).
import type { EveRecord } from '../eve/record.ts';
import type { BlockReport, BlockRequest } from './block.ts';
import type { Incident, Suspect, Verdict } from './incident.ts';
import type { LogRecord } from './log-record.ts';

export type { EveRecord };

/** A UDP datagram to a syslog port, seen on the promiscuous interface. */
export interface SniffedDatagram {
  source: string;
  destination: string;
  port: number;
  /** its payload's bytes, each one a character (latin1) */
  text: string;
}

export type SensorEvent =
  | { type: 'alert'; timeUs: number; eve: EveRecord }
  | { type: 'flow'; timeUs: number; eve: EveRecord }
  | { type: 'protocol'; timeUs: number; eve: EveRecord } // dns, http, tls, fileinfo, ...
  | { type: 'log'; timeUs: number; log: LogRecord }
  | { type: 'incident'; timeUs: number; incident: Incident } // whole profile again, newest wins by id
  | { type: 'suspect'; timeUs: number; suspect: Suspect } // a host with a loud step that is no incident
  | { type: 'verdict'; timeUs: number; incident: Incident; verdict: Verdict } // the incident as the person saw it
  | { type: 'notice'; timeUs: number; service: string; level: 'info' | 'warning' | 'error'; text: string }
  | { type: 'block-request'; timeUs: number; request: BlockRequest } // ids asks softips
  | { type: 'block'; timeUs: number; block: BlockReport } // what softips did
  | { type: 'datagram'; timeUs: number; datagram: SniffedDatagram } // capture tells syslog-x, and nobody else
  | { type: 'gap'; timeUs: number; stream: string; from: number; to: number; count: number };
