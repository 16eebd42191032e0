// The PRI part, "<134>": facility and severity in one number (RFC 5424, 6.2.1).
import { isDigit } from './calendar.ts';

export interface Priority {
  facility: number;
  severity: number;
  /** where the rest of the message starts */
  end: number;
}

/** Reads "<0>" to "<191>" at the head of a message; anything else is no PRI and belongs to the text. */
export function readPriority(text: string): Priority | undefined {
  if (text.charCodeAt(0) !== 60) return undefined;
  let value = 0;
  let at = 1;
  for (; at < 4 && isDigit(text.charCodeAt(at)); at++) value = value * 10 + text.charCodeAt(at) - 48;
  if (at === 1 || text.charCodeAt(at) !== 62 || value > 191) return undefined;
  return { facility: value >> 3, severity: value & 7, end: at + 1 };
}

/** Keyword of each severity, as syslog.conf spells it. */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** Keyword of each facility, as syslog.conf spells it. */
export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;
