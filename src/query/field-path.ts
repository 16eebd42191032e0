// The word `field NAME=VALUE`: where a record keeps a field of that name, and which values fit.
import type { SearchTable } from '../api/rows.ts';

/** Names as decoders and Suricata write them. */
export const FIELD_NAME = /^[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,5}$/;

/**
 * Where the field may stand in a record of `table`, the first place that has it counts: of a log event among the
 * decoder's fields; of an alert where EVE has it (`http.hostname`), or in the log event that a log rule hit (`user`).
 */
export function fieldPaths(table: SearchTable, name: string): string[][] {
  const steps = name.split('.');
  return table === 'logs' ? [['fields', name], [name]] : steps.length > 1 ? [steps, ['log', name]] : [['log', name]];
}

/** The value at a path of a parsed record; undefined where there is none that is text or a number. */
export function valueAt(record: unknown, path: readonly string[]): string | undefined {
  let value = record;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Whether a value fits, in any case; `*` stands for any text. Linear in the value's length for each `*`. */
export function fits(value: string, pattern: string): boolean {
  const text = value.toLowerCase();
  const parts = pattern.toLowerCase().split('*');
  const last = parts.pop()!;
  if (parts.length === 0) return text === last;
  if (!text.startsWith(parts[0])) return false;
  let at = parts[0].length;
  for (const part of parts.slice(1)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The same as SQL's `like`, with `\` before what is meant as it stands. */
export const likePattern = (pattern: string): string =>
  pattern
    .toLowerCase()
    .replaceAll(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%');
