// Who took packets, and who came in: one JSON line each, appended at once; two files of a bounded size. Refused logins
// have two of their own: whoever guesses passwords pushes no download out.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { MssError, messageOf } from '../../errors.ts';
import { log } from '../../log.ts';

const FILE_BYTES = 4 * 2 ** 20;

export type AuditEntry =
  | { what: 'login' | 'login-refused' | 'logout'; account: string; from: string }
  | { what: 'packets'; account: string; from: string; flow: string; fromTime: string; toTime: string }
  | { what: 'file'; account: string; from: string; sha256: string; bytes: number }
  | { what: 'verdict'; account: string; from: string; text: string }
  | { what: 'packets-done'; account: string; flow: string; bytes: number; result: string };

export type Audit = (entry: AuditEntry) => void;

/**
 * @param file the older half is `<file>.1`; refused logins go to `<file>.refused`
 * @returns a function that throws MssError 'io' when the entry cannot be kept: what must be audited then must not happen
 */
export function openAuditLog(file: string): Audit {
  return (entry) => {
    const into = entry.what === 'login-refused' ? `${file}.refused` : file;
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
    try {
      if ((statSync(into, { throwIfNoEntry: false })?.size ?? 0) > FILE_BYTES) renameSync(into, `${into}.1`);
      appendFileSync(into, line, { mode: 0o640, flush: true });
      // The journal has a copy, which nobody can take back who breaks into the portal.
      if (into === file) log('notice', `audit: ${line.trim()}`);
    } catch (cause) {
      throw new MssError('io', `cannot write the audit log ${into}: ${messageOf(cause)}`, { cause });
    }
  };
}
