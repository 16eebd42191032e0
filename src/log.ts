// One line a message, in the form journald reads: a syslog priority in angle brackets, then the text.
// See sd-daemon(3), "SD_WARNING" and its kin.

const PRIORITY = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;
export type LogLevel = keyof typeof PRIORITY;

const inJournal = process.env.JOURNAL_STREAM !== undefined;
const debugWanted = process.env.MSS_DEBUG === '1';

/** Control characters made visible, so that text from the network cannot move a terminal's cursor. */
export function escapeControl(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Writes one line to standard error; under systemd with its priority. Never throws. */
export function log(level: LogLevel, text: string): void {
  if (level === 'debug' && !debugWanted) return;
  const prefix = inJournal ? `<${PRIORITY[level]}>` : level === 'info' || level === 'notice' ? '' : `${level}: `;
  process.stderr.write(`${prefix}${escapeControl(text)}\n`);
}
