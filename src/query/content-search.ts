// A regular expression over what ends said to each other: in linear time (RE2), within bounds, over bytes as Latin-1.
import { RE2JS } from 're2js';
import { MssError, messageOf } from '../errors.ts';
import type { Piece } from '../pcap/stream/assemble-streams.ts';
import { escapeBytes } from '../pcap/stream/stream-text.ts';
import type { Filter } from './filter.ts';

const LONGEST_PATTERN = 1000;
/** A match may lie across pieces, up to this many bytes of it in those before. */
const OVERLAP_BYTES = 4096;
const MOST_FLOWS = 10_000;
const EXCERPT_BYTES = 120;

export interface ContentMatch {
  /** the conversation, as pieces name it */
  flow: string;
  /** `10.0.0.1:4000 > 192.0.2.1:80 tcp` */
  direction: string;
  timeNs: bigint;
  /** the match, shortened, control characters escaped */
  text: string;
}

export class ContentSearch {
  readonly #pattern: RE2JS;
  readonly #tails = new Map<string, string>();
  /** conversations in which it was found */
  readonly flows = new Set<string>();
  /** conversations that matched beyond the bound: they are not in `flows` */
  droppedFlows = 0;

  /** @throws MssError `query` for an expression that RE2 does not have (no look-around, no back references). */
  constructor(pattern: string, ignoreCase: boolean) {
    if (pattern.length > LONGEST_PATTERN) {
      throw new MssError('query', `a regular expression of ${pattern.length} characters (${LONGEST_PATTERN} at most)`);
    }
    try {
      this.#pattern = RE2JS.compile(pattern, RE2JS.DOTALL | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0));
    } catch (cause) {
      throw new MssError(
        'query',
        `the regular expression "${pattern}": ${messageOf(cause)}; RE2 syntax, without look-around and back references`,
        { cause },
      );
    }
  }

  /** The first match in a conversation; the rest of that one is not searched. */
  add({ direction, bytes, missingBytes, timeNs }: Piece): ContentMatch | undefined {
    if (this.flows.has(direction.flow)) return undefined;
    const before = missingBytes > 0 || !direction.isTcp ? '' : (this.#tails.get(direction.name) ?? '');
    const text = before + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const matcher = this.#pattern.matcher(text);
    if (!matcher.find()) {
      if (direction.isTcp) this.#tails.set(direction.name, text.slice(-OVERLAP_BYTES));
      return undefined;
    }
    this.#tails.delete(direction.name);
    if (this.flows.size >= MOST_FLOWS) {
      this.droppedFlows++;
      return undefined;
    }
    this.flows.add(direction.flow);
    const found = text.slice(matcher.start(), Math.min(matcher.end(), matcher.start() + EXCERPT_BYTES));
    return {
      flow: direction.flow,
      direction: direction.name,
      timeNs,
      text: escapeBytes(Buffer.from(found, 'latin1')).replaceAll('\n', '\\n'),
    };
  }
}

/** Whether a filter is about certain addresses: a search of contents through everything stored would take hours. */
export function namesAddress(filter: Filter): boolean {
  switch (filter.op) {
    case 'host':
    case 'flow':
    case 'community-id':
      return true;
    case 'net':
      return !filter.cidr.endsWith('/0');
    case 'inner':
      return namesAddress(filter.term);
    case 'and':
      return filter.terms.some(namesAddress);
    case 'or':
      return filter.terms.length > 0 && filter.terms.every(namesAddress);
    default:
      return false;
  }
}
