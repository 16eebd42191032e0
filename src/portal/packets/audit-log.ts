// Who took packets, and who came in: one JSON line each, appended at once; two files of a bounded size.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { MssError, messageOf } from '../../errors.ts';

const FILE_BYTES = 4 * 2 ** 20;

export type AuditEntry =
  | { what: 'login' | 'login-refused' | 'logout'; account: string; from: string }
  | { what: 'packets'; account: string; from: string; flow: string; fromTime: string; toTime: string }
  | { what: 'packets-done'; account: string; flow: string; bytes: number; result: string };

export type Audit = (entry: AuditEntry) => void;

/**
 * @param file the older half is `<file>.1`
 * @returns a function that throws MssError 'io' when the entry cannot be kept: what must be audited then must not happen
 */
export function openAuditLog(file: string): Audit {
  return (entry) => {
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
    try {
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > FILE_BYTES) renameSync(file, `${file}.1`);
      appendFileSync(file, line, { mode: 0o640, flush: true });
    } catch (cause) {
      throw new MssError('io', `cannot write the audit log ${file}: ${messageOf(cause)}`, { cause });
    }
  };
}
