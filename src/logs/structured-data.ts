// STRUCTURED-DATA of RFC 5424, 6.3: `[id name="value" ...][id ...]`.

import { type Fields, newFields, newRecord } from './body/fields.ts';

export interface StructuredData {
  elements: Record<string, Fields>;
  end: number;
}

/**
 * Reads all elements at `at`. Escapes \" \\ \] are resolved, other backslashes stay (6.3.3). A name that is repeated
 * keeps all its values, joined by commas.
 * @returns undefined when the text is not structured data to its end
 */
export function readStructuredData(text: string, at: number): StructuredData | undefined {
  const elements = newRecord<Fields>();
  let end = at;
  while (text.charCodeAt(end) === 91) {
    const idEnd = nameEnd(text, end + 1);
    if (idEnd === end + 1) return undefined;
    const id = text.slice(end + 1, idEnd);
    elements[id] ??= newFields();
    end = readParameters(text, idEnd, elements[id]);
    if (end === -1) return undefined;
  }
  return end === at ? undefined : { elements, end };
}

/** Reads `name="value"` pairs up to and with the closing bracket. @returns its end, or -1 */
function readParameters(text: string, start: number, into: Record<string, string>): number {
  let at = start;
  for (;;) {
    while (text.charCodeAt(at) === 32) at++;
    if (text.charCodeAt(at) === 93) return at + 1;
    const equals = nameEnd(text, at);
    if (equals === at || text.charCodeAt(equals) !== 61 || text.charCodeAt(equals + 1) !== 34) return -1;
    const name = text.slice(at, equals);
    const close = closingQuote(text, equals + 2);
    if (close === -1) return -1;
    const quoted = text.slice(equals + 2, close);
    const value = quoted.includes('\\') ? resolveEscapes(quoted) : quoted;
    into[name] = name in into ? `${into[name]},${value}` : value;
    at = close + 1;
  }
}

/** SD-NAME: printable ASCII except '=', space, ']' and '"'. */
function nameEnd(text: string, start: number): number {
  let at = start;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (!(code > 32 && code < 127) || code === 61 || code === 93 || code === 34) return at;
  }
}

function closingQuote(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return at;
    if (code === 92) at++;
  }
  return -1;
}

function resolveEscapes(quoted: string): string {
  let plain = '';
  let from = 0;
  for (let at = quoted.indexOf('\\'); at !== -1; at = quoted.indexOf('\\', at + 2)) {
    const next = quoted.charCodeAt(at + 1);
    if (next !== 34 && next !== 92 && next !== 93) continue;
    plain += quoted.slice(from, at);
    from = at + 1;
  }
  return plain + quoted.slice(from);
}
