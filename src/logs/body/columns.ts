// Bodies of columns: comma-separated values (RFC 4180's quotes), tab-, space- or bar-separated ones.
import { MAX_FIELDS } from './fields.ts';

export const SEPARATORS = { comma: ',', tab: '\t', space: ' ', bar: '|' } as const;
export type Separator = keyof typeof SEPARATORS;

/** Splits a message; spaces count once however many there are, commas in quotes are text. */
export function readColumns(text: string, separator: Separator): string[] {
  const mark = SEPARATORS[separator];
  const columns: string[] = [];
  for (let at = 0; at <= text.length && columns.length < MAX_FIELDS; ) {
    if (separator === 'comma' && text.charCodeAt(at) === 34) {
      const quoted = readQuoted(text, at + 1);
      columns.push(quoted.text);
      const comma = text.indexOf(mark, quoted.end);
      at = comma === -1 ? text.length + 1 : comma + 1;
      continue;
    }
    let end = text.indexOf(mark, at);
    if (end === -1) end = text.length;
    if (separator !== 'space' || end > at) columns.push(text.slice(at, end));
    at = end + 1;
  }
  return columns;
}

/** Up to the quote that is not doubled. */
function readQuoted(text: string, start: number): { text: string; end: number } {
  let end = text.indexOf('"', start);
  while (end !== -1 && text.charCodeAt(end + 1) === 34) end = text.indexOf('"', end + 2);
  if (end === -1) return { text: text.slice(start), end: text.length };
  return { text: text.slice(start, end).replaceAll('""', '"'), end: end + 1 };
}
