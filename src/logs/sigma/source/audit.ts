// Records of the Linux audit daemon: `type=EXECVE msg=audit(...): argc=2 a0="ls" a1=2F746D70`. A text that holds spaces
// or quotes is written by the kernel as hexadecimal digits without quotes (audit_log_untrustedstring in kernel/audit.c).
import type { Fields } from '../../body/fields.ts';
import { readKeyValue } from '../../body/key-value.ts';

/** Texts without quotes; a0 and its like are texts in EXECVE only, numbers elsewhere. */
const HEX_TEXT =
  /(?<=^|\s)(name|exe|comm|proctitle|cwd|acct|key|cmd|data|a\d{1,4}(?:\[\d{1,4}\])?)=((?:[0-9A-F]{2})+)(?=\s|$)/g;

/** Reads one record. `CommandLine`, which the format has not, is all arguments of an EXECVE in one text. */
export function readAudit(message: string): Fields {
  const fields = readKeyValue(message);
  const isExecve = fields.type === 'EXECVE';
  for (const [, name, hex] of message.matchAll(HEX_TEXT)) {
    if (fields[name] === hex && (isExecve || !/^a\d/.test(name))) fields[name] = decodeHex(hex);
  }
  if (isExecve) fields.CommandLine = commandLine(fields);
  return fields;
}

/** The words that a proctitle holds end in NUL. */
const decodeHex = (hex: string): string => Buffer.from(hex, 'hex').toString('utf8').replaceAll('\0', ' ').trimEnd();

function commandLine(fields: Fields): string {
  const words: string[] = [];
  for (let i = 0; `a${i}` in fields; i++) words.push(fields[`a${i}`]);
  return words.join(' ');
}
