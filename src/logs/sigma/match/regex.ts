// Regular expressions of rules, by an engine that takes linear time whatever the pattern and the text.
import { RE2JS } from 're2js';
import { messageOf } from '../../../errors.ts';
import { refusal } from '../rule/rule.ts';

const MAX_CHARS = 4096;
const FLAGS: Readonly<Record<string, number>> = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };

/**
 * @returns whether a text holds a match of the pattern
 * @throws MssError 'rule' for what is outside RE2: look-around and back-references need more than linear time
 */
export function compileRegex(source: string, flags: string): (text: string) => boolean {
  if (source.length > MAX_CHARS) throw refusal('size', `a regular expression of more than ${MAX_CHARS} characters`);
  try {
    const bits = [...flags].reduce((sum, flag) => sum | FLAGS[flag], 0);
    const compiled = RE2JS.compile(source, bits);
    return (text) => compiled.test(text);
  } catch (cause) {
    throw refusal('regular expression', `"${source}" is outside RE2's: ${messageOf(cause)}`);
  }
}

/**
 * The longest text that every match of a pattern holds, as far as that is plain to see; '' where it is not.
 * Alternatives, groups and classes are passed over rather than understood.
 */
export function requiredText(source: string, flags: string): string {
  // either side of | may be the one that matches, and flags inside a pattern change what a letter means
  if (source.includes('|') || source.includes('(?')) return '';
  let longest = '';
  let run = '';
  let depth = 0;
  const close = () => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  for (let at = 0; at < source.length; at++) {
    const char = source[at];
    if (char === '[') {
      close();
      at = classEnd(source, at);
    } else if (char === '(' || char === ')') {
      close();
      depth += char === '(' ? 1 : -1;
    } else if ('*?{'.includes(char)) {
      // what stands before it may be missing, and a count is no text
      run = run.slice(0, -1);
      close();
      if (char === '{') at = Math.max(at, source.indexOf('}', at));
    } else if (char === '+') {
      close();
    } else if (char === '\\') {
      close();
      at++;
      // escapes of more than one character
      if (/[\dxpPQ]/.test(source[at] ?? '')) return '';
      if (/[^A-Za-z0-9]/.test(source[at] ?? '')) run = source[at];
    } else if ('.^$'.includes(char) || depth > 0 || char.charCodeAt(0) > 127) {
      close();
    } else if (flags.includes('i') && 'ksKS'.includes(char)) {
      // Unicode has other letters that are the same as these when case does not matter
      close();
    } else {
      run += char;
    }
  }
  close();
  return longest;
}

/** Where the class that begins at `at` ends. */
function classEnd(source: string, at: number): number {
  let end = at + 1;
  if (source[end] === '^') end++;
  if (source[end] === ']') end++;
  while (end < source.length && source[end] !== ']') {
    if (source[end] === '\\') end++;
    else if (source.startsWith('[:', end)) end = Math.max(end, source.indexOf(':]', end) + 1);
    end++;
  }
  return end;
}
