// One log message after parsing and normalising: always with its raw text, whatever was understood of it.

export interface LogRecord {
  /** when the message says it happened; arrival time where it says nothing credible */
  timeUs: number;
  arrivedUs: number;
  /** the peer that sent it, as an address; empty for a line of a file */
  sender: string;
  transport: 'udp' | 'tcp' | 'tls' | 'sniffed' | 'file';
  facility?: number;
  severity?: number;
  host?: string;
  app?: string;
  procId?: string;
  msgId?: string;
  structuredData?: Record<string, Record<string, string>>;
  message: string;
  raw: string;
  /** which grammar it followed: '5424', '3164', 'raw' (later also cef, leef, json, ossec) */
  format: string;
  /** normalised fields (user, action, source, ...), where a decoder knew it */
  fields?: Record<string, string>;
  decoder?: string;
}
