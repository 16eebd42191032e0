// A pattern with wildcards as a test on a text, from left to right without going back.
import type { Piece } from '../rule/rule.ts';

export type TextTest = (text: string) => boolean;

/** What stands between two `*`: texts and `?`. */
type Stretch = Piece[];

/**
 * @param fold what is done to the pattern's texts; the test expects its text folded alike
 * Time is linear in the text, times the length of the stretches that hold a `?`.
 */
export function compilePattern(pieces: readonly Piece[], fold: (text: string) => string): TextTest {
  const folded = pieces.map((piece) => ('text' in piece ? { text: fold(piece.text) } : piece));
  const [first, second, third] = folded;
  if (first === undefined) return (text) => text === '';
  const hasStar = (piece: Piece | undefined) => piece !== undefined && 'wildcard' in piece && piece.wildcard === '*';
  if (folded.length === 1) {
    if ('text' in first) return (text) => text === first.text;
    return first.wildcard === '*' ? () => true : (text) => lengthOf(text) === 1;
  }
  if (folded.length === 2 && 'text' in first && hasStar(second)) return (text) => text.startsWith(first.text);
  if (folded.length === 2 && hasStar(first) && 'text' in second) return (text) => text.endsWith(second.text);
  if (folded.length === 3 && hasStar(first) && 'text' in second && hasStar(third)) {
    return (text) => text.includes(second.text);
  }
  return compileStretches(splitAtStars(folded));
}

/** A `?` is a character, not half of one. */
const lengthOf = (text: string): number => (text.length > 2 ? text.length : [...text].length);

function splitAtStars(pieces: readonly Piece[]): Stretch[] {
  const stretches: Stretch[] = [[]];
  for (const piece of pieces) {
    if ('wildcard' in piece && piece.wildcard === '*') stretches.push([]);
    else stretches[stretches.length - 1].push(piece);
  }
  return stretches;
}

function compileStretches(stretches: Stretch[]): TextTest {
  const [head, ...rest] = stretches;
  const tail = rest.pop();
  return (text) => {
    let at = matchAt(head, text, 0);
    if (at === -1) return false;
    if (tail === undefined) return at === text.length;
    for (const stretch of rest) {
      at = find(stretch, text, at);
      if (at === -1) return false;
    }
    return endsWith(tail, text, at);
  };
}

/** @returns the end of the stretch when it stands at `at`, or -1 */
function matchAt(stretch: Stretch, text: string, at: number): number {
  let end = at;
  for (const piece of stretch) {
    if ('text' in piece) {
      if (!text.startsWith(piece.text, end)) return -1;
      end += piece.text.length;
    } else {
      const code = text.codePointAt(end);
      if (code === undefined) return -1;
      end += code > 0xffff ? 2 : 1;
    }
  }
  return end;
}

/** @returns the end of its first occurrence at or behind `from`, or -1 */
function find(stretch: Stretch, text: string, from: number): number {
  const [first] = stretch;
  if (first === undefined) return from;
  for (let at = from; at <= text.length; at++) {
    if ('text' in first) {
      at = text.indexOf(first.text, at);
      if (at === -1) return -1;
    }
    const end = matchAt(stretch, text, at);
    if (end !== -1) return end;
  }
  return -1;
}

/** Whether the text ends in the stretch, which begins no sooner than `from`. */
function endsWith(stretch: Stretch, text: string, from: number): boolean {
  let end = text.length;
  for (let i = stretch.length - 1; i >= 0; i--) {
    const piece = stretch[i];
    if ('text' in piece) {
      if (!text.endsWith(piece.text, end)) return false;
      end -= piece.text.length;
    } else {
      const isPair = end >= 2 && (text.codePointAt(end - 2) ?? 0) > 0xffff;
      end -= isPair ? 2 : 1;
    }
    if (end < from) return false;
  }
  return true;
}
