// ArcSight Common Event Format: `CEF:0|vendor|product|version|signature id|name|severity|key=value with spaces ...`
import { type Fields, MAX_FIELDS, newFields } from './fields.ts';
import { splitHeader } from './pipe-header.ts';

const HEADER = ['deviceVendor', 'deviceProduct', 'deviceVersion', 'signatureId', 'name', 'severity'];

/** @returns undefined when the text holds no whole CEF header */
export function readCef(text: string): Fields | undefined {
  const start = text.indexOf('CEF:');
  if (start === -1) return undefined;
  const header = splitHeader(text, start + 4, HEADER.length + 1);
  if (header === undefined) return undefined;
  const fields = newFields();
  for (const [i, name] of HEADER.entries()) fields[name] = header.parts[i + 1];
  readExtension(text, header.end, fields);
  return fields;
}

/** A value goes on to the space before the next `key=`; `\=` and `\\` are escapes, `\n` and `\r` line ends. */
function readExtension(text: string, start: number, into: Fields): void {
  let key = '';
  let valueStart = start;
  // where the word in hand began, and whether it can be a key so far
  let wordStart = start;
  let isKey = true;
  for (let at = start, count = 0; at < text.length && count < MAX_FIELDS; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) {
      at++;
      isKey = false;
    } else if (code === 32) {
      wordStart = at + 1;
      isKey = true;
    } else if (code === 61) {
      if (isKey && at > wordStart) {
        if (key !== '') into[key] = unescapeValue(text.slice(valueStart, Math.max(valueStart, wordStart - 1)));
        key = text.slice(wordStart, at);
        valueStart = at + 1;
        count++;
      }
      isKey = false;
    } else if (!isKeyCode(code)) {
      isKey = false;
    }
  }
  if (key !== '') into[key] = unescapeValue(text.slice(valueStart).trimEnd());
}

const LINE_ENDS: Record<string, string> = { n: '\n', r: '\r' };

function unescapeValue(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replaceAll(/\\([=\\|nr])/g, (_, escaped: string) => LINE_ENDS[escaped] ?? escaped);
}

/** Letters, digits, `_ . - [ ]`. */
const isKeyCode = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  (code >= 65 && code <= 91) ||
  (code >= 97 && code <= 122) ||
  code === 95 ||
  code === 46 ||
  code === 45 ||
  code === 93;
