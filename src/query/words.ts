// Filter text cut into words, each with its place, so that an error can point at it.
import { MssError } from '../errors.ts';

export interface Word {
  kind: 'word' | 'quoted' | 'and' | 'or' | 'not' | '(' | ')' | '[' | ']' | ':' | 'compare' | 'sign' | 'end';
  text: string;
  /** 1-based column of its first character */
  column: number;
}

const LONGEST_FILTER = 64 * 1024;
const COMMUNITY_ID = '1:[A-Za-z0-9+/]{27}=';
const OUTSIDE = new RegExp(
  String.raw`\s*(?:(&&|\|\||!(?!=)|[()[\]])|(<=|>=|!=|==?|<(?!<)|>(?!>))|(<<|>>|[&|+*])|"((?:[^"\\]|\\.)*)"|` +
    String.raw`(${COMMUNITY_ID}|[^\s()[\]!"&|<>=+*]+)|(\S))`,
  'gy',
);
/** Between [ and ] stand numbers, names and signs: there 12:2 and 4-1 are three words each. */
const INSIDE =
  /\s*(?:([()[\]:])|(<=|>=|!=|==?|<(?!<)|>(?!>))|(<<|>>|[&|+*/-])|((?!))|([A-Za-z][A-Za-z0-9-]*|\d\w*)|(\S))/gy;

/** Cuts filter text into words; the last is always `end`. Throws `query`. */
export function cutWords(text: string): Word[] {
  if (text.length > LONGEST_FILTER)
    throw new MssError('query', `a filter of ${text.length} characters is too long (${LONGEST_FILTER} at most)`);
  const words: Word[] = [];
  const trimmed = text.trimEnd();
  let brackets = 0;
  for (let at = 0; at < trimmed.length; ) {
    const pattern = brackets > 0 ? INSIDE : OUTSIDE;
    pattern.lastIndex = at;
    const match = pattern.exec(trimmed)!;
    at = pattern.lastIndex;
    const [whole, mark, compare, sign, quoted, word, other] = match;
    const column = match.index + whole.length - whole.trimStart().length + 1;
    if (mark === '[') brackets++;
    else if (mark === ']') brackets = Math.max(0, brackets - 1);
    if (mark !== undefined) words.push({ kind: markKind(mark), text: mark, column });
    else if (compare !== undefined) words.push({ kind: 'compare', text: compare, column });
    else if (sign !== undefined) words.push({ kind: 'sign', text: sign, column });
    else if (quoted !== undefined) words.push({ kind: 'quoted', text: quoted.replaceAll(/\\(.)/g, '$1'), column });
    else if (word !== undefined) words.push({ kind: wordKind(word), text: word, column });
    else if (other === '"') throw new MssError('query', `the quotation opened at column ${column} is not closed`);
    else
      throw new MssError('query', `"${other}" at column ${column} has no meaning here; combine with and, or, not, ( )`);
  }
  words.push({ kind: 'end', text: '', column: trimmed.length + 1 });
  return words;
}

function markKind(mark: string): Word['kind'] {
  return mark === '&&' ? 'and' : mark === '||' ? 'or' : mark === '!' ? 'not' : (mark as '(' | ')' | '[' | ']' | ':');
}

function wordKind(word: string): Word['kind'] {
  if (word === '-' || word === '/') return 'sign';
  const lower = word.toLowerCase();
  return lower === 'and' || lower === 'or' || lower === 'not' ? lower : 'word';
}
