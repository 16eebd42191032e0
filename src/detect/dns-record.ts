// EVE's dns records, in the shapes of Suricata 7 and 8, as what detectors ask of them.
import type { EveRecord } from '../eve/record.ts';
import { partOf, textOf } from './sides.ts';

export interface DnsAnswer {
  type: string;
  data: string;
  ttl: number;
}

export interface DnsRecord {
  isResponse: boolean;
  /** who asked */
  client: string;
  /** lower case, without a dot at the end */
  name: string;
  type: string;
  rcode: string;
  answers: DnsAnswer[];
}

// several detectors look at the same record, one after the other
let lastRecord: EveRecord | undefined;
let lastDns: DnsRecord | undefined;

/** @returns undefined for a record that names no question or no client */
export function readDns(record: EveRecord): DnsRecord | undefined {
  if (record !== lastRecord) {
    lastDns = parseDns(record);
    lastRecord = record;
  }
  return lastDns;
}

function parseDns(record: EveRecord): DnsRecord | undefined {
  const dns = partOf(record, 'dns');
  const [query] = Array.isArray(dns.queries) ? (dns.queries as unknown[]) : [dns];
  if (typeof query !== 'object' || query === null) return undefined;
  const { rrname, rrtype } = query as Record<string, unknown>;
  // an answer is recorded with the server's packet or, under Suricata 7, with the client's ends
  const client = record.src_port === 53 && record.dest_port !== 53 ? record.dest_ip : record.src_ip;
  const name = textOf(rrname).toLowerCase().replace(/\.$/, '');
  if (client === undefined || name === '') return undefined;
  const answers = Array.isArray(dns.answers) ? (dns.answers as unknown[]) : [];
  return {
    isResponse: dns.type === 'response' || dns.type === 'answer',
    client,
    name,
    type: textOf(rrtype),
    rcode: textOf(dns.rcode),
    answers: answers.flatMap((answer) => {
      if (typeof answer !== 'object' || answer === null) return [];
      const one = answer as Record<string, unknown>;
      return [{ type: textOf(one.rrtype), data: textOf(one.rdata), ttl: typeof one.ttl === 'number' ? one.ttl : 0 }];
    }),
  };
}

/**
 * The part of a name that somebody registered: two labels, or three below a short second one (`example.co.uk`). A list of
 * all public suffixes would know better; a wrong cut only joins or splits counts.
 */
export function baseDomain(name: string): string {
  const labels = name.split('.');
  const short = labels.length > 2 && labels[labels.length - 2].length <= 3 && labels[labels.length - 1].length === 2;
  return labels.slice(short ? -3 : -2).join('.');
}
