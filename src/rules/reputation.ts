// What is known to be bad -> the engine's lists and the rules that use them: datasets for single addresses and names, IP
// reputation for blocks of addresses, which datasets cannot hold. Digests of files become a list that ids compares with
// what the engine says of each file. Pure.
import type { ReputationKind } from './reputation-feed.ts';
import type { RuleText } from './rule-file.ts';

/** of each kind, all feeds together: what the engine's memory is planned for */
export const MOST_ENTRIES = 500_000;
const MEMORY = 'memcap 200mb,hashsize 65536';
/** the blocks, which the engine's configuration names: it must be there, be it empty */
export const NETWORKS_LIST = 'known-bad-networks.lst';
export const FILES_LIST = 'known-bad-files.lst';
const LIST_FILE = { address: 'known-bad-addresses.lst', domain: 'known-bad-domains.lst' } as const;

/** The one category of IP reputation, as the engine's configuration defines it: number, name, words. */
export const REPUTATION_CATEGORY = '1,known-bad,listed as bad\n';
const BLOCK_SCORE = '1,127';

const OPTIONS = 'classtype:bad-unknown; rev:1; metadata:mss_phase known-bad, confidence';
const ONCE = 'threshold:type limit, track by_both, count 1, seconds 3600;';
const dataset = (kind: keyof typeof LIST_FILE, type: string) =>
  `dataset:isset,mss-known-bad-${kind},type ${type},load ${LIST_FILE[kind]},${MEMORY};`;
const RULES = {
  address: `alert ip $HOME_NET any -> any any (msg:"MSS KNOWN-BAD address contacted"; flow:to_server; ip.dst; ${dataset('address', 'ip')} ${ONCE} sid:9000090; ${OPTIONS} Medium;)
alert tcp any any -> $HOME_NET any (msg:"MSS KNOWN-BAD address has a conversation with us"; flow:established,to_server; ip.src; ${dataset('address', 'ip')} ${ONCE} sid:9000091; ${OPTIONS} Low;)
`,
  network: `alert ip $HOME_NET any -> any any (msg:"MSS KNOWN-BAD network contacted"; flow:to_server; iprep:dst,known-bad,>,0; ${ONCE} sid:9000095; ${OPTIONS} Medium;)
alert tcp any any -> $HOME_NET any (msg:"MSS KNOWN-BAD network has a conversation with us"; flow:established,to_server; iprep:src,known-bad,>,0; ${ONCE} sid:9000096; ${OPTIONS} Low;)
`,
  domain: `alert dns $HOME_NET any -> any any (msg:"MSS KNOWN-BAD name asked of DNS"; dns.query; to_lowercase; ${dataset('domain', 'string')} ${ONCE} sid:9000092; ${OPTIONS} Medium;)
alert tls $HOME_NET any -> any any (msg:"MSS KNOWN-BAD name in TLS"; flow:established,to_server; tls.sni; to_lowercase; ${dataset('domain', 'string')} ${ONCE} sid:9000093; ${OPTIONS} Medium;)
alert http $HOME_NET any -> any any (msg:"MSS KNOWN-BAD name in HTTP"; flow:established,to_server; http.host; ${dataset('domain', 'string')} ${ONCE} sid:9000094; ${OPTIONS} Medium;)
`,
};

/** The lists as files, by name, and the rules that use them; nothing of a kind that has no entries. */
export function renderReputation(lists: ReadonlyMap<ReputationKind, ReadonlySet<string>>): {
  files: Map<string, string>;
  rules: RuleText[];
} {
  const files = new Map<string, string>();
  let text = '';
  const add = (file: string, lines: string[], rules: string) => {
    if (lines.length === 0) return;
    // in order: the same entries are the same file, whatever order the feeds came in
    files.set(file, `${lines.sort().join('\n')}\n`);
    text += rules;
  };
  const addresses = [...(lists.get('address') ?? [])];
  add(
    LIST_FILE.address,
    addresses.filter((entry) => !entry.includes('/')),
    RULES.address,
  );
  const blocks = addresses.filter((entry) => entry.includes('/'));
  add(
    NETWORKS_LIST,
    blocks.map((block) => `${block},${BLOCK_SCORE}`),
    RULES.network,
  );
  const names = [...(lists.get('domain') ?? [])].sort();
  add(
    LIST_FILE.domain,
    names.map((name) => Buffer.from(name).toString('base64')),
    RULES.domain,
  );
  add(FILES_LIST, [...(lists.get('file') ?? [])], '');
  return { files, rules: text === '' ? [] : [{ file: 'known-bad.rules', text, local: true }] };
}
