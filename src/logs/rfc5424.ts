// RFC 5424 headers. Lenient where real senders are: longer fields, any printable text, structured data left out.
import { isDigit, type TimeContext, type TimeMark } from './calendar.ts';
import type { LogHeader } from './header.ts';
import { readStructuredData } from './structured-data.ts';
import { readTimeStamp } from './time-stamp.ts';

/**
 * Reads `VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA` at `at`, behind the PRI.
 * @returns undefined when it does not start with a version and a nil or ISO time stamp
 */
export function readRfc5424(text: string, at: number, context: TimeContext): LogHeader | undefined {
  // VERSION is 1 in all that was ever published; two more digits are its grammar's room
  let pos = at;
  while (pos < at + 3 && isDigit(text.charCodeAt(pos))) pos++;
  if (pos === at || text.charCodeAt(at) === 48 || text.charCodeAt(pos) !== 32) return undefined;
  pos++;

  let time: TimeMark | undefined;
  if (text.charCodeAt(pos) === 45) {
    pos++;
  } else {
    if (text.charCodeAt(pos + 4) !== 45) return undefined;
    time = readTimeStamp(text, pos, context);
    if (time === undefined) return undefined;
    pos = time.end;
  }
  if (pos < text.length && text.charCodeAt(pos) !== 32) return undefined;

  const hostEnd = wordEnd(text, pos + 1);
  const appEnd = wordEnd(text, hostEnd + 1);
  const procEnd = wordEnd(text, appEnd + 1);
  const msgIdEnd = wordEnd(text, procEnd + 1);
  const header: LogHeader = {
    timeUs: time?.timeUs,
    host: word(text, pos + 1, hostEnd),
    app: word(text, hostEnd + 1, appEnd),
    procId: word(text, appEnd + 1, procEnd),
    msgId: word(text, procEnd + 1, msgIdEnd),
    end: Math.min(msgIdEnd + 1, text.length),
  };
  const first = text.charCodeAt(header.end);
  const second = text.charCodeAt(header.end + 1);
  if (first === 45 && (second === 32 || Number.isNaN(second))) header.end++;
  else if (first === 91) {
    const data = readStructuredData(text, header.end);
    if (data !== undefined) {
      header.structuredData = data.elements;
      header.end = data.end;
    }
  }
  if (text.charCodeAt(header.end) === 32) header.end++;
  // MSG-UTF8 starts with a byte order mark
  if (text.charCodeAt(header.end) === 0xfeff) header.end++;
  return header;
}

function wordEnd(text: string, at: number): number {
  const space = text.indexOf(' ', at);
  return space === -1 ? text.length : space;
}

/** A header field, or undefined for the nil value "-" and for what is not there. */
function word(text: string, start: number, end: number): string | undefined {
  if (start >= end || (end === start + 1 && text.charCodeAt(start) === 45)) return undefined;
  return text.slice(start, end);
}
