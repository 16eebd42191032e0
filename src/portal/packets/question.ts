// What a browser asks of the packet log, turned into what `mss packets` is started with. Everything is checked here, so
// that a bad question is an answer and not a failed child.
import { MssError } from '../../errors.ts';
import type { EveRecord } from '../../eve/record.ts';
import { hasPorts, parseProtocol } from '../../net/protocol-number.ts';
import { formatTuple, parseTuple } from '../../net/tuple.ts';
import { ContentSearch, namesAddress } from '../../query/content-search.ts';
import type { Filter } from '../../query/filter.ts';
import { compilePacketFilter } from '../../query/packet-filter.ts';
import { parseFilter } from '../../query/parse.ts';
import { parseTime } from '../../query/parse-time.ts';
import { tupleFilter } from '../../query/plan-packets.ts';

const HOUR_US = 3600e6;

/** How packets are given: as they are, as text of both directions, or as a tar of the files transferred. */
export const FORMS = {
  pcapng: { type: 'application/vnd.tcpdump.pcap', ending: 'pcapng', args: ['-w', '-'] },
  text: { type: 'text/plain; charset=utf-8', ending: 'txt', args: ['--text'] },
  files: { type: 'application/octet-stream', ending: 'tar', args: ['--files', '-'] },
} as const;
export type Form = keyof typeof FORMS;

export interface PacketQuestion {
  /** of `mss packets`, with neither time nor form */
  args: readonly string[];
  /** for the audit log: the flow, or the words */
  what: string;
  /** ISO 8601, or empty where that end is open */
  from: string;
  to: string;
  form: Form;
}

/** The words of a question that names its packets itself. */
const WORDS = ['tuple', 'community-id', 'filter', 'regex', 'ignore-case', 'from', 'to', 'around'] as const;
type Word = (typeof WORDS)[number];

/** Whether a request names its packets itself, rather than an event. */
export function asksByWords(query: Readonly<Record<string, string>>): boolean {
  return WORDS.some((word) => query[word] !== undefined);
}

/** The question for the packets around an event. @throws MssError 'usage' for a record without a flow */
export function planEventQuestion(eve: EveRecord, timeUs: number, form: Form): PacketQuestion {
  const { src_ip, dest_ip, proto } = eve;
  if (src_ip === undefined || dest_ip === undefined || proto === undefined) {
    throw new MssError('usage', 'this event names no flow, so it has no packets of its own');
  }
  const number = parseProtocol(proto);
  const [srcPort, dstPort] = hasPorts(number) ? [eve.src_port ?? 0, eve.dest_port ?? 0] : [0, 0];
  const flow = formatTuple({ src: src_ip, srcPort, dst: dest_ip, dstPort, proto: number });
  return { args: ['--flow', flow], what: flow, from: iso(timeUs - HOUR_US), to: iso(timeUs + HOUR_US), form };
}

/** A question in words. @throws MssError 'usage' or 'query', with the column for filter words */
export function planWordQuestion(
  query: Readonly<Partial<Record<Word, string>>>,
  form: Form,
  nowUs: number,
): PacketQuestion {
  const args: string[] = [];
  const terms: Filter[] = [];
  if (query.tuple) {
    terms.push(tupleFilter(parseTuple(query.tuple)));
    args.push(`--flow=${query.tuple}`);
  }
  if (query['community-id']) {
    terms.push(parseFilter(`community-id ${query['community-id']}`));
    args.push(`--community-id=${query['community-id']}`);
  }
  if (query.filter) {
    terms.push(parseFilter(query.filter));
    args.push(`--filter=${query.filter}`);
  }
  const filter: Filter = { op: 'and', terms };
  compilePacketFilter(filter);
  if (query.regex) {
    new ContentSearch(query.regex, false);
    if (!namesAddress(filter)) {
      throw new MssError(
        'query',
        'contents are searched of certain addresses only: add tuple=, or host or net to filter=',
      );
    }
    args.push(`--regex=${query.regex}`, ...(query['ignore-case'] ? ['--ignore-case'] : []));
  }
  const { fromUs, toUs } = planTime(query, nowUs);
  if (terms.length === 0 && (fromUs === undefined || toUs === undefined)) {
    throw new MssError(
      'usage',
      'name tuple=, community-id= or filter=, or both ends of a time: from= and to=, or around=',
    );
  }
  const what = [...args.map((arg) => arg.replace(/^--/, '')), ...(form === 'pcapng' ? [] : [`as=${form}`])].join(' ');
  return { args, what, from: iso(fromUs), to: iso(toUs), form };
}

function planTime(
  { from, to, around }: Readonly<Partial<Record<Word, string>>>,
  nowUs: number,
): { fromUs?: number; toUs?: number } {
  if (around) {
    if (from || to) throw new MssError('usage', 'around= says both ends of the time: leave from= and to= out');
    const middleUs = parseTime(around, nowUs);
    return { fromUs: middleUs - HOUR_US, toUs: middleUs + HOUR_US };
  }
  return { fromUs: from ? parseTime(from, nowUs) : undefined, toUs: to ? parseTime(to, nowUs) : undefined };
}

/** Whole arguments of `mss`. */
export function renderArguments({ args, from, to, form }: PacketQuestion): string[] {
  const range = [...(from === '' ? [] : ['--from', from]), ...(to === '' ? [] : ['--to', to])];
  return ['packets', ...args, ...range, '--progress', ...FORMS[form].args];
}

function iso(us: number | undefined): string {
  if (us === undefined) return '';
  const ms = Math.floor(us / 1000);
  return Math.abs(ms) > 8.64e15 ? '' : new Date(ms).toISOString();
}
