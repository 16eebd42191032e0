// Filter text cut into words, each with its place, so that an error can point at it.
import { MssError } from '../errors.ts';

export interface Word {
  kind: 'word' | 'quoted' | 'and' | 'or' | 'not' | '(' | ')' | 'compare' | 'end';
  text: string;
  /** 1-based column of its first character */
  column: number;
}

const LONGEST_FILTER = 64 * 1024;
const PATTERN = /\s*(?:(&&|\|\||[()!])|(<=|>=|=)(?=[\s\d])|"((?:[^"\\]|\\.)*)"|([^\s()!"&|<>]+)|(\S))/gy;

/** Cuts filter text into words; the last is always `end`. Throws `query`. */
export function cutWords(text: string): Word[] {
  if (text.length > LONGEST_FILTER)
    throw new MssError('query', `a filter of ${text.length} characters is too long (${LONGEST_FILTER} at most)`);
  const words: Word[] = [];
  const trimmed = text.trimEnd();
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < trimmed.length) {
    const match = PATTERN.exec(trimmed)!;
    const [whole, sign, compare, quoted, word, other] = match;
    const column = match.index + whole.length - whole.trimStart().length + 1;
    if (sign !== undefined) words.push({ kind: signKind(sign), text: sign, column });
    else if (compare !== undefined) words.push({ kind: 'compare', text: compare, column });
    else if (quoted !== undefined) words.push({ kind: 'quoted', text: quoted.replaceAll(/\\(.)/g, '$1'), column });
    else if (word !== undefined) words.push({ kind: wordKind(word), text: word, column });
    else if (other === '"') throw new MssError('query', `the quotation opened at column ${column} is not closed`);
    else
      throw new MssError('query', `"${other}" at column ${column} has no meaning here; combine with and, or, not, ( )`);
  }
  words.push({ kind: 'end', text: '', column: trimmed.length + 1 });
  return words;
}

function signKind(sign: string): Word['kind'] {
  return sign === '&&' ? 'and' : sign === '||' ? 'or' : sign === '!' ? 'not' : (sign as '(' | ')');
}

function wordKind(word: string): Word['kind'] {
  const lower = word.toLowerCase();
  return lower === 'and' || lower === 'or' || lower === 'not' ? lower : 'word';
}
