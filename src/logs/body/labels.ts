// Labelled values in running text, as Windows writes its events: `Account Name:  alice   Source Port:  40022`.
import type { Fields } from './fields.ts';

/**
 * Reads the last value of each label into its field: the last one, since Windows names who is meant behind who asked.
 * A value ends at two spaces, a tab or a line end.
 */
export function readLabels(text: string, labels: Readonly<Record<string, string>>, into: Fields): void {
  for (const [label, name] of Object.entries(labels)) {
    const found = text.lastIndexOf(`${label}:`);
    if (found === -1) continue;
    let start = found + label.length + 1;
    while (isSpace(text.charCodeAt(start))) start++;
    let end = start;
    while (end < text.length && !endsValue(text, end)) end++;
    if (end > start) into[name] = text.slice(start, end);
  }
}

const isSpace = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13;

function endsValue(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 ? isSpace(text.charCodeAt(at + 1)) : isSpace(code);
}
