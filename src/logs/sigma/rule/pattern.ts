// Sigma's strings: plain text with the wildcards `*` and `?`. A backslash takes the meaning from a wildcard or from
// another backslash, and is a plain character before anything else.
import type { Piece } from './rule.ts';

/** Reads a value as it is written in a rule. Neighbouring texts are one piece, neighbouring `*` are one wildcard. */
export function parsePattern(written: string): Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  for (let at = 0; at < written.length; at++) {
    const char = written[at];
    const next = written[at + 1];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      text += next;
      at++;
    } else if (char === '*' || char === '?') {
      append(pieces, { text });
      append(pieces, { wildcard: char });
      text = '';
    } else {
      text += char;
    }
  }
  append(pieces, { text });
  return pieces;
}

const ANYTHING: Piece = { wildcard: '*' };

/** A pattern with `*` in front, behind, or both, as the modifiers endswith, startswith and contains mean it. */
export function widen(pieces: readonly Piece[], front: boolean, behind: boolean): Piece[] {
  const wide: Piece[] = [];
  if (front) append(wide, ANYTHING);
  for (const piece of pieces) append(wide, piece);
  if (behind) append(wide, ANYTHING);
  return wide;
}

/** The text of a pattern without wildcards, or undefined. */
export function plainText(pieces: readonly Piece[]): string | undefined {
  if (pieces.length === 0) return '';
  const [first] = pieces;
  return pieces.length === 1 && 'text' in first ? first.text : undefined;
}

/** The pattern as a rule would write it, for a person. */
export const renderPattern = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => ('text' in piece ? piece.text : piece.wildcard)).join('');

function append(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if ('text' in piece) {
    if (piece.text === '') return;
    if (last !== undefined && 'text' in last) pieces[pieces.length - 1] = { text: last.text + piece.text };
    else pieces.push(piece);
  } else if (piece.wildcard === '?' || last === undefined || 'text' in last || last.wildcard === '?') {
    pieces.push(piece);
  }
}
