// `tcp[tcpflags] & (tcp-syn|tcp-fin) != 0`: comparisons of numbers out of a packet, pcap-filter(7).
import { type Arithmetic, LOADABLE, type Loadable, type Relation, type Sign } from './arithmetic.ts';
import type { Filter } from './filter.ts';
import { refuse, type WordCursor } from './word-cursor.ts';
import type { Word } from './words.ts';

/** Names of numbers, as pcap-filter(7) lists them. */
const NAMED: Readonly<Record<string, number>> = {
  tcpflags: 13,
  icmptype: 0,
  icmpcode: 1,
  icmp6type: 0,
  icmp6code: 1,
  'tcp-fin': 1,
  'tcp-syn': 2,
  'tcp-rst': 4,
  'tcp-push': 8,
  'tcp-ack': 16,
  'tcp-urg': 32,
  'tcp-ece': 64,
  'tcp-cwr': 128,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp6-destinationrunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
};

/** Signs bind tighter the later they stand here; equal ones bind from the left. */
const BINDING: readonly (readonly Sign[])[] = [['|'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/']];
const DEEPEST_NESTING = 100;
const NUMBER = /^(0x[\da-f]{1,8}|\d{1,10})$/i;

/** Whether a comparison begins at the cursor, rather than a word like `tcp` or a filter in parentheses. */
export function beginsComparison(cursor: WordCursor): boolean {
  const word = cursor.peek();
  if (word.kind === '(') return joins(cursor.peekBehindParenthesis());
  if (word.kind !== 'word') return false;
  return cursor.peek(1).kind === '[' || ((isNumber(word) || isLength(word) || isNamed(word)) && joins(cursor.peek(1)));
}

/** Parses `ARITHMETIC RELATION ARITHMETIC`. Throws `query`. */
export function parseComparison(cursor: WordCursor): Filter {
  const left = parseLevel(cursor, 0, 0);
  const word = cursor.take();
  if (word.kind !== 'compare') throw refuse(word, '=, !=, <, <=, > or >= between two numbers');
  const relation = (word.text === '==' ? '=' : word.text) as Relation;
  return { op: 'compare', left, relation, right: parseLevel(cursor, 0, 0) };
}

function parseLevel(cursor: WordCursor, level: number, depth: number): Arithmetic {
  if (level === BINDING.length) return parseAtom(cursor, depth);
  let left = parseLevel(cursor, level + 1, depth);
  for (;;) {
    const { kind, text } = cursor.peek();
    if (kind !== 'sign' || !(BINDING[level] as readonly string[]).includes(text)) return left;
    cursor.take();
    left = { kind: 'operation', sign: text as Sign, left, right: parseLevel(cursor, level + 1, depth) };
  }
}

function parseAtom(cursor: WordCursor, depth: number): Arithmetic {
  const word = cursor.take();
  if (depth > DEEPEST_NESTING) throw refuse(word, `at most ${DEEPEST_NESTING} levels of nesting`);
  if (word.kind === '(') {
    const inner = parseLevel(cursor, 0, depth + 1);
    const close = cursor.take();
    if (close.kind !== ')') throw refuse(close, `the ) that closes column ${word.column}`);
    return inner;
  }
  if (cursor.peek().kind === '[') return parseLoad(cursor, word, depth);
  if (isLength(word)) return { kind: 'length' };
  if (isNamed(word)) return { kind: 'number', value: NAMED[word.text.toLowerCase()] };
  if (!isNumber(word) || Number(word.text) > 0xffffffff) {
    throw refuse(word, 'a number, len, PROTOCOL[OFFSET], PROTOCOL[OFFSET:BYTES], or a name like tcp-syn');
  }
  // a leading zero means octal there
  const octal = /^0[0-7]+$/.test(word.text);
  return { kind: 'number', value: octal ? Number.parseInt(word.text, 8) : Number(word.text) };
}

function parseLoad(cursor: WordCursor, word: Word, depth: number): Arithmetic {
  const proto = word.text.toLowerCase();
  if (word.kind !== 'word' || !(LOADABLE as readonly string[]).includes(proto)) {
    throw refuse(word, `one of ${LOADABLE.join(', ')} before [`);
  }
  cursor.take();
  const at = parseLevel(cursor, 0, depth + 1);
  let bytes = 1;
  if (cursor.peek().kind === ':') {
    cursor.take();
    const size = cursor.take();
    bytes = Number(size.text);
    if (bytes !== 1 && bytes !== 2 && bytes !== 4) throw refuse(size, '1, 2 or 4 bytes');
  }
  const close = cursor.take();
  if (close.kind !== ']') throw refuse(close, ':BYTES or ]');
  return { kind: 'load', proto: proto as Loadable, at, bytes: bytes as 1 | 2 | 4 };
}

function joins({ kind }: Word): boolean {
  return kind === 'compare' || kind === 'sign';
}

function isNumber({ kind, text }: Word): boolean {
  return kind === 'word' && NUMBER.test(text);
}

function isLength({ kind, text }: Word): boolean {
  return kind === 'word' && (text.toLowerCase() === 'len' || text.toLowerCase() === 'length');
}

function isNamed({ kind, text }: Word): boolean {
  return kind === 'word' && Object.hasOwn(NAMED, text.toLowerCase());
}
