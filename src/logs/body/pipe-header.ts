// The `a|b|c|` header that CEF and LEEF begin with.

/**
 * Splits `count` parts, each ended by '|'; `\|` and `\\` are escapes.
 * @returns the parts and where the rest starts, or undefined when there are fewer
 */
export function splitHeader(text: string, start: number, count: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = [];
  let from = start;
  let hasEscape = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) {
      hasEscape = true;
      at++;
    } else if (code === 124) {
      const part = text.slice(from, at);
      parts.push(hasEscape ? part.replaceAll(/\\([|\\])/g, '$1') : part);
      if (parts.length === count) return { parts, end: at + 1 };
      from = at + 1;
      hasEscape = false;
    }
  }
  return undefined;
}
