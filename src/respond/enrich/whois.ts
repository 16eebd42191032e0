// whois (RFC 3912) for addresses: IANA names the registry in charge, which is asked. Free text in each registry's own words.
import { MssError } from '../../errors.ts';
import type { Facts, Provider } from './provider.ts';

const PORT = 43;
const FIRST = 'whois.iana.org';
/** A referral leads to these only: an answer must not choose whom this sensor speaks to. */
const REGISTRIES = new Set(['arin', 'ripe', 'apnic', 'lacnic', 'afrinic'].map((name) => `whois.${name}.net`));
const MOST_HOPS = 4;

/** Our word for a fact, and the registries' in the order of their worth. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  network: ['netname'],
  range: ['inetnum', 'inet6num', 'netrange'],
  country: ['country'],
  holder: ['org-name', 'orgname', 'organization', 'owner', 'descr'],
  abuse: ['orgabuseemail', 'abuse-mailbox', 'abuse-c'],
  registered: ['regdate', 'created'],
};

export const whois: Provider = {
  name: 'whois',
  async ask(address, outside, signal) {
    let host = FIRST;
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const text = await outside.askLine(host, PORT, questionFor(host, address), signal);
      const next = parseReferral(text);
      if (next === undefined || next === host) return host === FIRST ? {} : { ...parseWhois(text), registry: host };
      host = next;
    }
    throw new MssError('network', `whois: the registries refer to one another without an end; the last was ${host}`);
  },
};

// ARIN lists every network above an address unless it is asked for the smallest one
const questionFor = (host: string, address: string): string => (host === 'whois.arin.net' ? `n + ${address}` : address);

/** The registry that an answer refers to, where it is one of the five. */
export function parseReferral(text: string): string | undefined {
  const match = /^(?:refer|whois):\s*(\S+)|^ReferralServer:\s*r?whois:\/\/([^\s:/]+)/im.exec(text);
  const host = (match?.[1] ?? match?.[2])?.toLowerCase();
  return host !== undefined && REGISTRIES.has(host) ? host : undefined;
}

export function parseWhois(text: string): Facts {
  const said = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^([A-Za-z][A-Za-z0-9-]{1,30}):\s+(\S.{0,200})/.exec(line);
    if (match !== null && !said.has(match[1].toLowerCase())) said.set(match[1].toLowerCase(), match[2].trim());
  }
  const facts: Facts = {};
  for (const [name, words] of Object.entries(WORDS)) {
    const found = words.map((word) => said.get(word)).find((value) => value !== undefined);
    if (found !== undefined) facts[name] = found;
  }
  return facts;
}
