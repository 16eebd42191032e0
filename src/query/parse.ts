// Filter text to its tree: tcpdump's grammar and words (pcap-filter(7)), then the words of events.
// As in tcpdump `and` and `or` bind equally, from the left, and `not` binds tightest: use parentheses.
import { parseAddressOrNothing } from '../net/address.ts';
import { FIELD_NAME } from './field-path.ts';
import type { Direction, Filter } from './filter.ts';
import { groupWord, ipGroupWord, ipProtocolWord, parseEther } from './link-words.ts';
import { beginsComparison, parseComparison } from './parse-comparison.ts';
import { parseAddressTerm, parseNetTerm, parsePortTerm } from './parse-value.ts';
import { readNumber, refuse, WordCursor } from './word-cursor.ts';
import { cutWords, type Word } from './words.ts';

const PROTOCOLS = ['tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'ip', 'ip6', 'arp'] as const;
type ProtocolWord = (typeof PROTOCOLS)[number];
const TYPES = ['host', 'net', 'port', 'portrange'] as const;
type TypeWord = (typeof TYPES)[number];
const ALLOWED =
  'host, net, port, portrange (after src or dst), tcp, udp, icmp, icmp6, sctp, ip, ip6, arp, ip proto N, vlan [N], ' +
  'less N, greater N, PROTOCOL[OFFSET:BYTES] and len compared, ether host MAC, igmp, esp, ah, broadcast, multicast, ' +
  'inner (words about what a tunnel carries), community-id ID, sid N, severity N, category WORD, phase WORD, app WORD, ' +
  'field NAME=VALUE, "quoted text"';
const DEEPEST_NESTING = 200;

/** What a bare value (`port 80 or 443`) takes over from the words before it. */
type Shorthand = (value: Word) => Filter;

/**
 * Parses filter words; an empty text is `all`.
 * @throws MssError `query` naming the word, its column and what is allowed there.
 */
export function parseFilter(text: string): Filter {
  const parser = new Parser(cutWords(text));
  return parser.parseWhole();
}

class Parser {
  readonly #cursor: WordCursor;
  #depth = 0;
  #shorthand: Shorthand | undefined;

  constructor(words: Word[]) {
    this.#cursor = new WordCursor(words);
  }

  parseWhole(): Filter {
    if (this.#cursor.peek().kind === 'end') return { op: 'all' };
    const filter = this.#parseChain();
    const rest = this.#cursor.peek();
    if (rest.kind !== 'end') throw refuse(rest, 'and, or, or the end');
    return filter;
  }

  #parseChain(): Filter {
    let left = this.#parseTerm();
    for (;;) {
      const { kind } = this.#cursor.peek();
      if (kind !== 'and' && kind !== 'or') return left;
      this.#cursor.take();
      const right = this.#parseTerm();
      left = left.op === kind ? { op: kind, terms: [...left.terms, right] } : { op: kind, terms: [left, right] };
    }
  }

  #parseTerm(): Filter {
    if (beginsComparison(this.#cursor)) return parseComparison(this.#cursor);
    const word = this.#cursor.take();
    if (word.kind === 'not') return { op: 'not', term: this.#nested(() => this.#parseTerm(), word) };
    if (word.kind === '(') {
      const inner = this.#nested(() => this.#parseChain(), word);
      const close = this.#cursor.take();
      if (close.kind !== ')') throw refuse(close, `and, or, or the ) that closes column ${word.column}`);
      return inner;
    }
    if (word.kind === 'quoted') return { op: 'text', text: word.text };
    if (word.kind !== 'word') throw refuse(word, ALLOWED);
    return this.#parsePrimitive(word);
  }

  #parsePrimitive(word: Word): Filter {
    const text = word.text.toLowerCase();
    if (isOneOf(PROTOCOLS, text)) return this.#parseAfterProtocol(text);
    if (text === 'src' || text === 'dst' || isOneOf(TYPES, text)) return this.#parseQualified(word);
    switch (text) {
      case 'icmpv6':
        return { op: 'proto', proto: 'icmp6' };
      case 'proto':
        return this.#parseProtoNumber();
      case 'ether':
        return parseEther(this.#cursor);
      case 'inner':
        return { op: 'inner', term: this.#nested(() => this.#parseTerm(), word) };
      case 'vlan':
        return this.#isNumber(this.#cursor.peek())
          ? { op: 'vlan', id: this.#takeNumber('a VLAN id', 4095) }
          : { op: 'vlan' };
      case 'less':
        return { op: 'length', cmp: '<=', bytes: this.#takeNumber('a length in bytes', 0xffffffff) };
      case 'greater':
        return { op: 'length', cmp: '>=', bytes: this.#takeNumber('a length in bytes', 0xffffffff) };
      case 'community-id':
        return this.#remember((value) => ({ op: 'community-id', id: readCommunityId(value) }));
      case 'sid':
        return this.#remember((value) => ({ op: 'sid', sid: readNumber(value, 'a rule number', 0xffffffff) }));
      case 'severity':
        return this.#parseSeverity();
      case 'category':
      case 'app':
        return this.#remember((value) => ({ op: text, text: readText(value, `the ${text}`) }));
      case 'field':
        return this.#parseField();
      case 'phase':
        return this.#remember((value) => ({ op: 'phase', phase: readText(value, 'the phase') }));
    }
    return ipProtocolWord(text) ?? groupWord(text) ?? this.#parseBare(word);
  }

  /** `tcp`, or `tcp port 80`, `ip src host A`, `ip proto 47`. */
  #parseAfterProtocol(proto: ProtocolWord): Filter {
    const term: Filter = { op: 'proto', proto };
    const next = this.#cursor.peek();
    const text = next.text.toLowerCase();
    if (next.kind !== 'word') return term;
    const group = ipGroupWord(proto, text);
    if (group !== undefined) {
      this.#cursor.take();
      return group;
    }
    if (text === 'proto' && (proto === 'ip' || proto === 'ip6')) {
      this.#cursor.take();
      return { op: 'and', terms: [term, this.#parseProtoNumber()] };
    }
    if (text !== 'src' && text !== 'dst' && !isOneOf(TYPES, text)) return term;
    const qualified = this.#parseQualified(this.#cursor.take());
    const plain = this.#shorthand;
    if (plain !== undefined) this.#shorthand = (value) => ({ op: 'and', terms: [term, plain(value)] });
    return { op: 'and', terms: [term, qualified] };
  }

  /** `[src|dst|src or dst|src and dst] [host|net|port|portrange] VALUE`; a bare value after a direction is a host. */
  #parseQualified(first: Word): Filter {
    let directions: Direction[] = ['either'];
    let type: TypeWord | undefined;
    const text = first.text.toLowerCase();
    if (text === 'src' || text === 'dst') {
      directions = [text];
      const [joint, other] = [this.#cursor.peek(), this.#cursor.peek(1)];
      const opposite = text === 'src' ? 'dst' : 'src';
      if ((joint.kind === 'and' || joint.kind === 'or') && other.text.toLowerCase() === opposite) {
        this.#cursor.take();
        this.#cursor.take();
        directions = joint.kind === 'or' ? ['either'] : ['src', 'dst'];
      }
      const next = this.#cursor.peek().text.toLowerCase();
      if (isOneOf(TYPES, next)) {
        this.#cursor.take();
        type = next;
      }
    } else type = text as TypeWord;
    return this.#remember((value) => {
      const terms = directions.map((dir) => readTerm(type, dir, value));
      return terms.length === 1 ? terms[0] : { op: 'and', terms };
    });
  }

  #parseProtoNumber(): Filter {
    return this.#remember((value) => {
      const text = value.text.toLowerCase().replace(/^\\/, ''); // tcpdump wants names escaped here
      const named = (['tcp', 'udp', 'icmp', 'icmp6', 'sctp'] as const).find((name) => name === text);
      return { op: 'proto', proto: named ?? readNumber(value, 'an IP protocol number', 255) };
    });
  }

  #parseSeverity(): Filter {
    const next = this.#cursor.peek();
    let cmp: '=' | '<=' | '>=' = '=';
    if (next.kind === 'compare') {
      this.#cursor.take();
      cmp = next.text as typeof cmp;
    }
    return this.#remember((value) => ({ op: 'severity', cmp, level: readNumber(value, 'a severity', 255) }));
  }

  /** `user=root`, `user="adm*"` */
  #parseField(): Filter {
    const name = this.#cursor.take();
    if (name.kind !== 'word' || !FIELD_NAME.test(name.text)) throw refuse(name, 'the name of a field, like user');
    const equals = this.#cursor.take();
    if (equals.kind !== 'compare' || !/^==?$/.test(equals.text))
      throw refuse(equals, `= and the value of ${name.text}`);
    return { op: 'field', name: name.text, value: readText(this.#cursor.take(), `the value of ${name.text}`) };
  }

  /** A value without its word: an address or block, or whatever the last word would make of it. */
  #parseBare(word: Word): Filter {
    if (parseAddressOrNothing(word.text.split('/')[0]) !== undefined) {
      return this.#shorthand?.(word) ?? parseAddressTerm('either', word);
    }
    if (this.#shorthand === undefined || !/^[\d.:]/.test(word.text)) throw refuse(word, ALLOWED);
    return this.#shorthand(word);
  }

  #remember(shorthand: Shorthand): Filter {
    const filter = shorthand(this.#cursor.take());
    this.#shorthand = shorthand;
    return filter;
  }

  #nested(parse: () => Filter, opening: Word): Filter {
    if (++this.#depth > DEEPEST_NESTING) throw refuse(opening, `at most ${DEEPEST_NESTING} levels of nesting`);
    const filter = parse();
    this.#depth--;
    return filter;
  }

  #takeNumber(what: string, largest: number): number {
    return readNumber(this.#cursor.take(), what, largest);
  }

  #isNumber(word: Word): boolean {
    return word.kind === 'word' && /^\d+$/.test(word.text);
  }
}

function readTerm(type: TypeWord | undefined, dir: Direction, value: Word): Filter {
  if (value.kind !== 'word')
    throw refuse(value, type === undefined ? 'host, net, port, portrange or an address' : `a ${type}`);
  if (type === 'net') return parseNetTerm(dir, value);
  if (type === 'port' || type === 'portrange') return parsePortTerm(dir, value, type === 'portrange');
  return parseAddressTerm(dir, value);
}

function readText(word: Word, what: string): string {
  if (word.kind !== 'word' && word.kind !== 'quoted')
    throw refuse(word, `${what}, in quotation marks if it has blanks`);
  return word.text;
}

function readCommunityId(word: Word): string {
  if (word.kind !== 'word' || !/^1:[A-Za-z0-9+/]{27}=$/.test(word.text))
    throw refuse(word, 'a community id like 1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
  return word.text;
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text);
}
