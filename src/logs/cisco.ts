// What Cisco devices put around the time stamp: sequence numbers, an origin name, a clock mark, and the mnemonic
// `%FACILITY-SEVERITY-MNEMONIC:` in place of a program's name.
import { isDigit } from './calendar.ts';

/** Passes over `123: `, `: ` and `000123: 000456: ` (message count, then sequence number). */
export function skipSequence(text: string, at: number): number {
  let pos = at;
  for (let turn = 0; turn < 2; turn++) {
    let end = pos;
    while (end < pos + 12 && isDigit(text.charCodeAt(end))) end++;
    if (text.charCodeAt(end) !== 58 || text.charCodeAt(end + 1) !== 32) return pos;
    pos = end + 1;
    while (text.charCodeAt(pos) === 32) pos++;
  }
  return pos;
}

/** End of an uptime stamp, `1w2d:`, `3d04h:` or `00:01:12:`, or `at` when there is none. */
export function skipUptime(text: string, at: number): number {
  let end = at;
  let digits = 0;
  for (; end < at + 16; end++) {
    const code = text.charCodeAt(end);
    if (isDigit(code)) digits++;
    else if (code === 58 && text.charCodeAt(end + 1) === 32) return digits > 0 ? end + 1 : at;
    // y w d h m s, and the colon inside hh:mm:ss
    else if (code !== 58 && !'ywdhms'.includes(text.charAt(end))) return at;
  }
  return at;
}

export interface Mnemonic {
  facility: string;
  severity: number;
  mnemonic: string;
  /** behind the colon and one space */
  end: number;
}

/** Reads `%ASA-6-302013: ` or `%SYS-SP-5-RESTART: ` at `at`. */
export function readMnemonic(text: string, at: number): Mnemonic | undefined {
  if (text.charCodeAt(at) !== 37) return undefined;
  let severityAt = -1;
  let end = at + 1;
  for (; end < at + 80; end++) {
    const code = text.charCodeAt(end);
    if (code === 58) break;
    if (code === 45) {
      const digit = text.charCodeAt(end + 1);
      if (severityAt === -1 && digit >= 48 && digit <= 55 && text.charCodeAt(end + 2) === 45) severityAt = end + 1;
    } else if (!(isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95)) {
      return undefined;
    }
  }
  if (text.charCodeAt(end) !== 58 || severityAt === -1) return undefined;
  return {
    facility: text.slice(at + 1, severityAt - 1),
    severity: text.charCodeAt(severityAt) - 48,
    mnemonic: text.slice(severityAt + 2, end),
    end: text.charCodeAt(end + 1) === 32 ? end + 2 : end + 1,
  };
}
