// RFC 3164 as it is really sent: the RFC only describes what was seen, and every device adds to it.
// TIMESTAMP HOST TAG[PID]: text, where each part may be missing or dressed up.
import type { TimeContext, TimeMark } from './calendar.ts';
import { readMnemonic, skipSequence, skipUptime } from './cisco.ts';
import type { LogHeader } from './header.ts';
import { readTimeStamp } from './time-stamp.ts';

// the RFC says 32; program names with paths and container names are longer
const TAG_LENGTH = 128;
const FORWARDED = 'Message forwarded from ';

/**
 * Reads the header at `at`, behind the PRI if there was one.
 * @param hasPriority without a PRI only a time stamp makes a line a syslog message
 * @returns undefined when neither time stamp nor tag can be made out
 */
export function readRfc3164(
  text: string,
  at: number,
  hasPriority: boolean,
  context: TimeContext,
): LogHeader | undefined {
  const header: LogHeader = { end: skipSpaces(text, at) };
  // Cisco Meraki: RFC 5424's version, then seconds since 1970
  if (hasPriority && text.startsWith('1 ', header.end)) header.end += 2;
  const afterSequence = skipSequence(text, header.end);
  const isCisco = afterSequence !== header.end;
  header.end = afterSequence;

  let time = readMarkedTime(text, header, context);
  if (time === undefined && isCisco) {
    // "logging origin-id hostname" puts a name before the stamp
    const colon = text.indexOf(': ', header.end);
    if (colon !== -1 && colon - header.end <= 255 && !text.slice(header.end, colon).includes(' ')) {
      const named: LogHeader = { end: colon + 2 };
      time = readMarkedTime(text, named, context);
      if (time !== undefined) Object.assign(header, named, { host: text.slice(afterSequence, colon) });
    }
    if (time === undefined) header.end = skipSpaces(text, skipUptime(text, header.end));
  }
  if (time === undefined) {
    if (!hasPriority || !(readTag(text, header) || isCisco)) return undefined;
    return header;
  }
  header.end = time.end;
  if (text.charCodeAt(header.end) === 58) header.end++;
  header.end = skipSpaces(text, header.end);
  if (text.startsWith(FORWARDED, header.end)) {
    // AIX: "Message forwarded from HOST: tag: text"
    const start = header.end + FORWARDED.length;
    const colon = text.indexOf(': ', start);
    if (colon !== -1) {
      header.host = text.slice(start, colon);
      header.end = colon + 2;
    }
  }
  if (!readTag(text, header) && header.host === undefined) readHostAndTag(text, header, context);
  return header;
}

/** A time stamp behind Cisco's clock mark: '*' not set, so that its time is worth nothing, '.' no longer synchronised. */
function readMarkedTime(text: string, header: LogHeader, context: TimeContext): TimeMark | undefined {
  const mark = text.charCodeAt(header.end);
  const time = readTimeStamp(text, mark === 42 || mark === 46 ? header.end + 1 : header.end, context);
  if (time !== undefined && mark !== 42) header.timeUs = time.timeUs;
  return time;
}

function readHostAndTag(text: string, header: LogHeader, context: TimeContext): void {
  const start = header.end;
  let end = text.indexOf(' ', start);
  if (end === -1) end = text.length;
  if (end === start || end - start > 256) return;
  // `host: %SYS-5-...` and `host : %ASA-6-...`
  const hostEnd = text.charCodeAt(end - 1) === 58 ? end - 1 : end;
  header.host = text.slice(start, hostEnd);
  header.end = Math.min(end + 1, text.length);
  if (text.startsWith(': %', end + 1)) header.end += 2;
  if (!readRelayed(text, header, context)) readTag(text, header);
}

/** A Cisco message behind the header that a relay put in front: the relay's clock is the one to trust. */
function readRelayed(text: string, header: LogHeader, context: TimeContext): boolean {
  const start = skipSequence(text, header.end);
  if (start === header.end) return false;
  const inner: LogHeader = { end: start };
  const time = readMarkedTime(text, inner, context);
  inner.end = time === undefined ? skipUptime(text, start) : time.end;
  if (text.charCodeAt(inner.end) === 58) inner.end++;
  inner.end = skipSpaces(text, inner.end);
  if (!readTag(text, inner)) return false;
  Object.assign(header, inner, { timeUs: header.timeUs, host: header.host });
  return true;
}

/** Reads `name[pid]: `, `name: ` or a Cisco mnemonic at the header's end, and moves it behind. */
function readTag(text: string, header: LogHeader): boolean {
  const start = header.end;
  const mnemonic = readMnemonic(text, start);
  if (mnemonic !== undefined) {
    header.app = mnemonic.facility;
    header.msgId = mnemonic.mnemonic;
    header.severity = mnemonic.severity;
    header.end = mnemonic.end;
    return true;
  }
  let at = start;
  while (at - start < TAG_LENGTH && isTagCode(text.charCodeAt(at))) at++;
  const stop = text.charCodeAt(at);
  let after = at;
  if (at === start) return false;
  if (stop === 91) {
    const close = text.indexOf(']', at);
    if (close === -1 || close - at > TAG_LENGTH) return false;
    after = close + 1;
    if (text.charCodeAt(after) === 58) after++;
    else if (text.charCodeAt(after) !== 32 && after < text.length) return false;
    if (close > at + 1) header.procId = text.slice(at + 1, close);
  } else if (stop === 58) {
    after++;
    // "CEF:0|" and "http://" are text; "kernel:" ends in a space
    if (text.charCodeAt(after) !== 32 && after < text.length) return false;
    // `router1: %SYS-5-...` names the device
    if (readMnemonic(text, after + 1) !== undefined) return false;
  } else {
    return false;
  }
  header.app = text.slice(start, at);
  header.end = text.charCodeAt(after) === 32 ? after + 1 : after;
  return true;
}

// what program names hold beside letters and digits; not space, colon, brackets, quotes, braces, commas or `=<>|;`
const TAG_MARKS = '_-./%()@$+#*!?~\\&';
const TAG_CODES = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9]/.test(String.fromCharCode(code)) || TAG_MARKS.includes(String.fromCharCode(code)) ? 1 : 0,
);
const isTagCode = (code: number): boolean => TAG_CODES[code] === 1;

function skipSpaces(text: string, at: number): number {
  let pos = at;
  while (text.charCodeAt(pos) === 32) pos++;
  return pos;
}
