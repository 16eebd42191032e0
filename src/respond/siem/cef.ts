// The ArcSight Common Event Format, version 0 (Implementation Standard, "Header" and "Extension"): how its parts are
// escaped and joined. Says nothing of what an event becomes.

export interface CefEvent {
  /** what kind it is, the same for all of the kind */
  classId: string;
  name: string;
  /** 0..10 */
  severity: number;
  extension: CefExtension;
}

/** By the keys of the extension dictionary; undefined and empty ones are left out. */
export type CefExtension = Readonly<Record<string, string | number | undefined>>;

const DEVICE = 'CEF:0|MetaFlows|MSS sensor|2.0';
/** the dictionary's bound of the longest text most parsers take (msg, request) */
const MAX_VALUE_CHARS = 1023;
const MAX_NAME_CHARS = 512;

export function renderCef({ classId, name, severity, extension }: CefEvent): string {
  const head = [classId, clip(name, MAX_NAME_CHARS)].map(escapeHeader);
  const pairs = Object.entries(extension).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : `${key}=${escapeValue(clip(String(value), MAX_VALUE_CHARS))}`,
  );
  return `${DEVICE}|${head.join('|')}|${Math.max(0, Math.min(10, Math.round(severity)))}|${pairs.join(' ')}`;
}

/** A key of the dictionary's custom fields, like cs1, with its label. */
export const labelled = (key: string, label: string, value: string | number | undefined): CefExtension =>
  value === undefined || value === '' ? {} : { [key]: value, [`${key}Label`]: label };

// never half of a surrogate pair
const clip = (text: string, chars: number): string =>
  text.length <= chars ? text : `${text.slice(0, chars - 1).replace(/[\ud800-\udbff]$/, '')}…`;

/** A header is one line: what would end it becomes a blank. */
const escapeHeader = (text: string): string => oneLine(text, ' ').replaceAll(/[\\|]/g, '\\$&');

const escapeValue = (text: string): string => oneLine(text.replaceAll(/[\\=]/g, '\\$&'), '\\n').trimEnd();

// line ends, and the other control characters that a receiver may stumble over
const oneLine = (text: string, lineEnd: string): string =>
  text.replaceAll(/\r\n|[\r\n\u2028\u2029]/g, () => lineEnd).replaceAll(/[\u0000-\u001f\u007f]/g, ' ');
