// Feeds of what is known to be bad -> their entries, and every line that holds none, with the reason. Pure.
import { canonicalAddress } from '../net/address.ts';
import { formatCidr, parseCidr } from '../net/cidr.ts';
import { isPublicBlock } from '../net/public-address.ts';

/** `address`: single ones and blocks; `file`: digests of whole files */
export type ReputationKind = 'address' | 'domain' | 'file';
export const REPUTATION_KINDS: readonly ReputationKind[] = ['address', 'domain', 'file'];

/** as many refused lines of a feed are kept to be shown; all are counted */
const REFUSED_KEPT = 1000;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;
/** MD5, SHA-1 or SHA-256 */
const DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/;
/** what block lists in the shape of /etc/hosts write before a name */
const SINKHOLE = /^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+/;
/** a shorter prefix is a slip of the pen, or says that the Internet is bad */
const SHORTEST_PREFIX = { 4: 8, 16: 16 } as Readonly<Record<number, number>>;

export interface RefusedLine {
  /** from 1 */
  line: number;
  text: string;
  why: string;
}

export interface ReputationFeed {
  /** in their one spelling: `192.0.2.1`, `192.0.2.0/24`, `bad.example`, a digest in lower case */
  entries: Set<string>;
  /** the first of them */
  refused: RefusedLine[];
  refusedCount: number;
}

/**
 * Parses a feed: an entry a line, first in it (plain lists, CSV, hosts files), of digests anywhere in it; comments
 * after `#`, `;` or `//`.
 */
export function parseReputation(kind: ReputationKind, text: string): ReputationFeed {
  const feed: ReputationFeed = { entries: new Set(), refused: [], refusedCount: 0 };
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.replace(/(?:^|\s)(?:#|;|\/\/).*$/, '').trim();
    if (words === '') continue;
    const found = PARSERS[kind](words);
    if (typeof found === 'string') {
      feed.entries.add(found);
      continue;
    }
    feed.refusedCount++;
    if (feed.refused.length < REFUSED_KEPT) feed.refused.push({ line: i + 1, text: words.slice(0, 200), ...found });
  }
  return feed;
}

type Parsed = string | { why: string };

const PARSERS: Record<ReputationKind, (words: string) => Parsed> = {
  address: (words) => parseAddressEntry(firstOf(words)),
  domain: (words) => {
    const name = firstOf(words.replace(SINKHOLE, '')).replace(/\.$/, '');
    return DOMAIN.test(name) && !/\.\d+$/.test(name) ? name : { why: 'no domain name' };
  },
  file: (words) => {
    const fields = words
      .slice(0, 2000)
      .replaceAll('"', '')
      .toLowerCase()
      .split(/[\s,;]+/);
    return fields.find((field) => DIGEST.test(field)) ?? { why: 'no MD5, SHA-1 or SHA-256' };
  },
};

const firstOf = (words: string): string =>
  words
    .split(/[\s,;]/, 1)[0]
    .replaceAll('"', '')
    .toLowerCase();

function parseAddressEntry(entry: string): Parsed {
  try {
    if (!entry.includes('/')) return canonicalAddress(entry);
    const block = parseCidr(entry);
    const { network, prefixBits } = block;
    if (prefixBits === network.length * 8) return canonicalAddress(entry.split('/', 1)[0]);
    const shortest = SHORTEST_PREFIX[network.length];
    if (prefixBits < shortest) return { why: `a block of more than a /${shortest}` };
    // lists of what should not be on the Internet name every site's own networks
    return isPublicBlock(block) ? formatCidr(block) : { why: 'a block with addresses that are not public (RFC 6890)' };
  } catch {
    return { why: 'no address or block' };
  }
}
