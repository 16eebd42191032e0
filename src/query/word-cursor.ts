// Where a parser stands in the words of a filter, and how it refuses one.
import { MssError } from '../errors.ts';
import type { Word } from './words.ts';

export class WordCursor {
  readonly #words: readonly Word[];
  #at = 0;

  /** @param words the last is `end`, which is never left behind */
  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  peek(ahead = 0): Word {
    return this.#words[Math.min(this.#at + ahead, this.#words.length - 1)];
  }

  take(): Word {
    const word = this.peek();
    if (this.#at < this.#words.length - 1) this.#at++;
    return word;
  }

  /** The word behind the parenthesis that closes the one at hand. */
  peekBehindParenthesis(): Word {
    let depth = 0;
    for (let ahead = 0; ; ahead++) {
      const word = this.peek(ahead);
      if (word.kind === '(') depth++;
      if (word.kind === 'end') return word;
      if (word.kind === ')' && --depth === 0) return this.peek(ahead + 1);
    }
  }
}

/** An error that says what stands there, where, and what may. */
export function refuse(word: Word, allowed: string): MssError {
  const found = word.kind === 'end' ? 'the filter ends' : `"${word.text}"`;
  return new MssError('query', `${found} at column ${word.column}: expected ${allowed}`);
}

/** A whole number up to `largest`. Throws `query`. */
export function readNumber(word: Word, what: string, largest: number): number {
  if (word.kind !== 'word' || !/^\d{1,10}$/.test(word.text) || Number(word.text) > largest) {
    throw refuse(word, `${what} (0 to ${largest})`);
  }
  return Number(word.text);
}
