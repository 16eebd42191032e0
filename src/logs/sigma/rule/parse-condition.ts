// The condition of a rule: text -> tree. `or` binds least, then `and`, then `not`.
import { type Condition, refusal } from './rule.ts';

const DEEPEST_NESTING = 64;
const MAX_CHARS = 10_000;
const WORD = /\s*(\(|\)|\||[^\s()|]+)/y;

/**
 * Parses one condition. `1 of x*`, `any of x*` and `all of x*` are resolved into the selections they mean; `them` is
 * all whose name does not begin with an underscore.
 * @throws MssError 'rule' for what is no condition, or names a selection that is not there
 */
export function parseCondition(text: string, selections: readonly string[]): Condition {
  if (text.length > MAX_CHARS) throw refusal('size', `the condition is longer than ${MAX_CHARS} characters`);
  const words = cutWords(text);
  if (words.includes('|')) {
    throw refusal('aggregation', '"| count()" and its like are of Sigma 1; write a correlation rule instead');
  }
  const parser = new Parser(words, selections);
  return parser.parseWhole();
}

function cutWords(text: string): string[] {
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let match = WORD.exec(text); match !== null; match = WORD.exec(text)) words.push(match[1]);
  return words;
}

class Parser {
  readonly #words: readonly string[];
  readonly #selections: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(words: readonly string[], selections: readonly string[]) {
    this.#words = words;
    this.#selections = selections;
  }

  parseWhole(): Condition {
    const condition = this.#parseChain('or');
    if (this.#peek() !== undefined) throw refusal('condition', `"${this.#words[this.#at]}" is one word too many`);
    return condition;
  }

  #parseChain(op: 'or' | 'and'): Condition {
    const parseTerm = () => (op === 'or' ? this.#parseChain('and') : this.#parseTerm());
    const terms = [parseTerm()];
    while (this.#peek() === op) {
      this.#at++;
      terms.push(parseTerm());
    }
    return terms.length === 1 ? terms[0] : { op, terms };
  }

  #parseTerm(): Condition {
    if (++this.#depth > DEEPEST_NESTING) throw refusal('condition', `it is nested deeper than ${DEEPEST_NESTING}`);
    const condition = this.#parsePlainTerm();
    this.#depth--;
    return condition;
  }

  #parsePlainTerm(): Condition {
    const word = this.#words[this.#at++];
    const lower = word?.toLowerCase();
    if (word === undefined) throw refusal('condition', 'it ends where a selection is expected');
    if (lower === 'not') return { op: 'not', term: this.#parseTerm() };
    if (word === '(') {
      const inner = this.#parseChain('or');
      if (this.#words[this.#at++] !== ')') throw refusal('condition', 'a parenthesis is not closed');
      return inner;
    }
    if (this.#peek() === 'of') {
      this.#at++;
      return this.#parseQuantified(lower, this.#words[this.#at++]);
    }
    if (!this.#selections.includes(word)) throw refusal('condition', `no selection is called "${word}"`);
    return { op: 'selection', name: word };
  }

  #parseQuantified(quantity: string, pattern: string | undefined): Condition {
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all') {
      throw refusal('condition', `"${quantity} of" is no quantity; it is "1 of" or "all of"`);
    }
    const names = this.#selections.filter((name) =>
      pattern?.toLowerCase() === 'them' ? !name.startsWith('_') : fits(name, pattern ?? ''),
    );
    if (names.length === 0) throw refusal('condition', `"${quantity} of ${pattern}": no selection has such a name`);
    const terms = names.map((name): Condition => ({ op: 'selection', name }));
    return terms.length === 1 ? terms[0] : { op: quantity === 'all' ? 'and' : 'or', terms };
  }

  /** The next word in lower case: the words of the grammar are the same in either. */
  #peek(): string | undefined {
    return this.#words[this.#at]?.toLowerCase();
  }
}

/** Whether a selection's name fits a pattern with `*` anywhere in it. */
function fits(name: string, pattern: string): boolean {
  const [first, ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  const last = rest[rest.length - 1];
  return name.length - last.length >= at && name.endsWith(last);
}
