// Lists of known bad addresses and names -> the engine's datasets and the rules that use them. Pure. Digests of known
// bad files are no matter of the engine's: src/ids/files.
import { canonicalAddress } from '../net/address.ts';
import type { RuleText } from './rule-file.ts';

export type ReputationKind = 'address' | 'domain';
export const REPUTATION_KINDS: readonly ReputationKind[] = ['address', 'domain'];

/** of each kind, all feeds together: what the engine's memory is planned for */
export const MOST_ENTRIES = 500_000;
const MEMORY = 'memcap 200mb,hashsize 65536';
const LIST_FILE = { address: 'known-bad-addresses.lst', domain: 'known-bad-domains.lst' } as const;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;
/** what block lists in the shape of /etc/hosts write before a name */
const SINKHOLE = /^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+/;

const OPTIONS = 'classtype:bad-unknown; rev:1; metadata:mss_phase known-bad, confidence';
const ONCE = 'threshold:type limit, track by_both, count 1, seconds 3600;';
const dataset = (kind: ReputationKind, type: string) =>
  `dataset:isset,mss-known-bad-${kind},type ${type},load ${LIST_FILE[kind]},${MEMORY};`;
const RULES: Record<ReputationKind, string> = {
  address: `alert ip $HOME_NET any -> any any (msg:"MSS KNOWN-BAD address contacted"; flow:to_server; ip.dst; ${dataset('address', 'ip')} ${ONCE} sid:9000090; ${OPTIONS} Medium;)
alert tcp any any -> $HOME_NET any (msg:"MSS KNOWN-BAD address has a conversation with us"; flow:established,to_server; ip.src; ${dataset('address', 'ip')} ${ONCE} sid:9000091; ${OPTIONS} Low;)
`,
  domain: `alert dns $HOME_NET any -> any any (msg:"MSS KNOWN-BAD name asked of DNS"; dns.query; to_lowercase; ${dataset('domain', 'string')} ${ONCE} sid:9000092; ${OPTIONS} Medium;)
alert tls $HOME_NET any -> any any (msg:"MSS KNOWN-BAD name in TLS"; flow:established,to_server; tls.sni; to_lowercase; ${dataset('domain', 'string')} ${ONCE} sid:9000093; ${OPTIONS} Medium;)
alert http $HOME_NET any -> any any (msg:"MSS KNOWN-BAD name in HTTP"; flow:established,to_server; http.host; ${dataset('domain', 'string')} ${ONCE} sid:9000094; ${OPTIONS} Medium;)
`,
};

/**
 * Parses a feed: an entry a line, first in it (plain lists, CSV, hosts files); comments after `#`, `;` or `//`.
 * @returns entries in canonical form, and how many lines hold none (blocks of addresses among them)
 */
export function parseReputation(kind: ReputationKind, text: string): { entries: Set<string>; refused: number } {
  const entries = new Set<string>();
  let refused = 0;
  for (const line of text.split('\n')) {
    const words = line.replace(/(?:^|\s)(?:#|;|\/\/).*$/, '').trim();
    if (words === '') continue;
    const entry = parseEntry(kind, words);
    if (entry === undefined) refused++;
    else entries.add(entry);
  }
  return { entries, refused };
}

function parseEntry(kind: ReputationKind, words: string): string | undefined {
  const plain = kind === 'domain' ? words.replace(SINKHOLE, '') : words;
  const first = plain
    .split(/[\s,;]/, 1)[0]
    .replaceAll('"', '')
    .toLowerCase();
  if (kind === 'domain') {
    const name = first.replace(/\.$/, '');
    return DOMAIN.test(name) && !/\.\d+$/.test(name) ? name : undefined;
  }
  try {
    return canonicalAddress(first.replace(/^([^:]*)\/32$|^(.*:.*)\/128$/, '$1$2'));
  } catch {
    return undefined; // no address
  }
}

/** The lists as the engine's files, by name, and the rules that use them; nothing of a kind that has no entries. */
export function renderReputation(lists: ReadonlyMap<ReputationKind, ReadonlySet<string>>): {
  files: Map<string, string>;
  rules: RuleText[];
} {
  const files = new Map<string, string>();
  let text = '';
  for (const [kind, entries] of lists) {
    if (entries.size === 0) continue;
    // in order: the same entries are the same file, whatever order the feeds came in
    const lines = [...entries]
      .sort()
      .map((entry) => (kind === 'domain' ? Buffer.from(entry).toString('base64') : entry));
    files.set(LIST_FILE[kind], `${lines.join('\n')}\n`);
    text += RULES[kind];
  }
  return { files, rules: text === '' ? [] : [{ file: 'known-bad.rules', text, local: true }] };
}
