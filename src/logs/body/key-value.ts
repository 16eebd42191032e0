// `key=value key="quoted value"` bodies, as firewalls and structured loggers write them.
import { type Fields, MAX_FIELDS, newFields } from './fields.ts';

/**
 * Reads all pairs; words without '=' are passed over. Quotes are '"' or "'", with backslash escapes; a comma or
 * semicolon behind a bare value belongs to the list, not to the value. A key that is repeated keeps its first value.
 */
export function readKeyValue(text: string): Fields {
  const fields = newFields();
  let count = 0;
  for (let at = 0; at < text.length && count < MAX_FIELDS; ) {
    const keyStart = at;
    while (at < text.length && isKeyCode(text.charCodeAt(at))) at++;
    if (at === keyStart || text.charCodeAt(at) !== 61) {
      // no key here: go on behind this word
      while (at < text.length && !isSeparator(text.charCodeAt(at))) at++;
      at++;
      continue;
    }
    const key = text.slice(keyStart, at);
    const value = readValue(text, at + 1);
    if (!(key in fields)) {
      fields[key] = value.text;
      count++;
    }
    at = value.end;
  }
  return fields;
}

function readValue(text: string, start: number): { text: string; end: number } {
  const quote = text.charCodeAt(start);
  if (quote === 34 || quote === 39) {
    let hasEscape = false;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 92) {
        hasEscape = true;
        at++;
      } else if (code === quote) {
        const inner = text.slice(start + 1, at);
        return { text: hasEscape ? inner.replaceAll(/\\(["'\\])/g, '$1') : inner, end: at + 1 };
      }
    }
    // the quote is never closed: the rest of the message is the value, so that nothing is read twice
    return { text: text.slice(start + 1), end: text.length };
  }
  let end = start;
  while (end < text.length && !isSeparator(text.charCodeAt(end))) end++;
  return { text: text.slice(start, end), end };
}

const isSeparator = (code: number): boolean => code === 32 || code === 9 || code === 44 || code === 59;

/** Letters, digits and `_ - . / @ : [ ]`. */
const isKeyCode = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 64 && code <= 91) || (code >= 45 && code <= 58) || code === 95 || code === 93;
