// IBM QRadar Log Event Extended Format: `LEEF:1.0|vendor|product|version|event id|` and tab-separated `key=value`;
// 2.0 adds the separator as one more part, itself or as hexadecimal (`x5E`, `0x5E`).
import { type Fields, MAX_FIELDS, newFields } from './fields.ts';
import { splitHeader } from './pipe-header.ts';

const HEADER = ['deviceVendor', 'deviceProduct', 'deviceVersion', 'eventId'];

/** @returns undefined when the text holds no whole LEEF header */
export function readLeef(text: string): Fields | undefined {
  const start = text.indexOf('LEEF:');
  if (start === -1) return undefined;
  const isSecond = text.startsWith('2', start + 5);
  const header = splitHeader(text, start + 5, HEADER.length + (isSecond ? 2 : 1));
  if (header === undefined) return undefined;
  const fields = newFields();
  for (const [i, name] of HEADER.entries()) fields[name] = header.parts[i + 1];
  const separator = isSecond ? parseSeparator(header.parts[5]) : '\t';
  for (const pair of text.slice(header.end).split(separator, MAX_FIELDS)) {
    const equals = pair.indexOf('=');
    if (equals > 0) fields[pair.slice(0, equals).trim()] = pair.slice(equals + 1);
  }
  return fields;
}

function parseSeparator(text: string): string {
  const hex = /^(?:0?x)([0-9A-Fa-f]{2,4})$/.exec(text);
  if (hex) return String.fromCharCode(Number.parseInt(hex[1], 16));
  return text === '' ? '\t' : text[0];
}
