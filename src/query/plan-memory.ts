// A filter as a test on one event in memory, for the live view. Says the same of a record as plan-sql does of its row.
import type { SensorEvent } from '../api/event.ts';
import type { SearchTable } from '../api/rows.ts';
import type { EveRecord } from '../eve/record.ts';
import { parseAddress, parseAddressOrNothing } from '../net/address.ts';
import { addressNumber, cidrNumbers, IPV4_NUMBERS, type NumberRange, spansIpv4 } from '../net/address-number.ts';
import { parseCidr } from '../net/cidr.ts';
import { parseProtocol } from '../net/protocol-number.ts';
import { fieldPaths, fits, valueAt } from './field-path.ts';
import type { Direction, Filter } from './filter.ts';
import { checkTableWords } from './table-words.ts';

export type EventTest = (event: SensorEvent) => boolean;

/** Tables whose rows are single events; hosts are sums over many. */
export type EventTable = Exclude<SearchTable, 'hosts'>;

/** What the words ask about, taken out of an event. */
interface Facts {
  src: (bigint | undefined)[];
  dst: (bigint | undefined)[];
  srcPort?: number;
  dstPort?: number;
  proto?: number;
  vlan: readonly number[];
  communityId?: string;
  sids: readonly number[];
  severity?: number;
  category: string;
  phases: readonly string[];
  app: string;
  text: string;
  /** the whole, where fields of it can be asked for */
  record?: unknown;
}

/**
 * The test of `filter` on events of one table; events of other tables never pass.
 * @throws MssError `query` for a word that has no meaning for this table
 */
export function planMemory(filter: Filter, table: EventTable): EventTest {
  checkTableWords(filter, table);
  const test = plan(filter, table);
  return (event) => {
    const facts = factsOf(event, table);
    return facts !== undefined && test(facts);
  };
}

function plan(filter: Filter, table: EventTable): (facts: Facts) => boolean {
  switch (filter.op) {
    case 'all':
      return () => true;
    case 'and':
    case 'or': {
      const terms = filter.terms.map((term) => plan(term, table));
      return filter.op === 'and'
        ? (facts) => terms.every((term) => term(facts))
        : (facts) => terms.some((term) => term(facts));
    }
    case 'not': {
      const term = plan(filter.term, table);
      return (facts) => !term(facts);
    }
    case 'host': {
      const number = addressNumber(parseAddress(filter.address));
      return (facts) => addresses(facts, filter.dir).includes(number);
    }
    case 'net': {
      const cidr = parseCidr(filter.cidr);
      const range = cidrNumbers(cidr);
      const withoutIpv4 = spansIpv4(cidr);
      return (facts) =>
        addresses(facts, filter.dir).some((n) => isIn(range, n) && !(withoutIpv4 && isIn(IPV4_NUMBERS, n)));
    }
    case 'port':
      return ({ srcPort, dstPort }) => {
        const ports = filter.dir === 'src' ? [srcPort] : filter.dir === 'dst' ? [dstPort] : [srcPort, dstPort];
        return ports.some((port) => port !== undefined && port >= filter.from && port <= filter.to);
      };
    case 'proto': {
      if (filter.proto === 'ip') return ({ src }) => isIn(IPV4_NUMBERS, src[0]);
      if (filter.proto === 'ip6') return ({ src }) => src[0] !== undefined && !isIn(IPV4_NUMBERS, src[0]);
      if (filter.proto === 'arp') return () => false;
      const number = typeof filter.proto === 'number' ? filter.proto : parseProtocol(filter.proto);
      return ({ proto }) => proto === number;
    }
    case 'vlan':
      return ({ vlan }) => (filter.id === undefined ? vlan.length > 0 : vlan.includes(filter.id));
    case 'community-id':
      return ({ communityId }) => communityId === filter.id;
    case 'length':
    case 'compare':
    case 'inner':
    case 'flow':
      return () => false; // refused before
    case 'sid':
      return ({ sids }) => sids.includes(filter.sid);
    case 'severity':
      return ({ severity }) =>
        severity !== undefined &&
        (filter.cmp === '='
          ? severity === filter.level
          : filter.cmp === '<='
            ? severity <= filter.level
            : severity >= filter.level);
    case 'category': {
      const wanted = filter.text.toLowerCase();
      return ({ category }) => category.toLowerCase().includes(wanted);
    }
    case 'phase':
      return ({ phases }) => phases.includes(filter.phase);
    case 'app': {
      const wanted = filter.text.toLowerCase();
      return ({ app }) => app.toLowerCase() === wanted;
    }
    case 'field': {
      const paths = fieldPaths(table, filter.name);
      return ({ record }) => {
        const value = paths.map((path) => valueAt(record, path)).find((one) => one !== undefined);
        return value !== undefined && fits(value, filter.value);
      };
    }
    case 'text': {
      const wanted = filter.text.toLowerCase();
      return ({ text }) => text.toLowerCase().includes(wanted);
    }
  }
}

const TABLE_OF: Partial<Record<SensorEvent['type'], EventTable>> = {
  alert: 'alerts',
  flow: 'flows',
  protocol: 'events',
  log: 'logs',
  incident: 'incidents',
};

function factsOf(event: SensorEvent, table: EventTable): Facts | undefined {
  if (TABLE_OF[event.type] !== table) return undefined;
  switch (event.type) {
    case 'alert':
    case 'flow':
    case 'protocol':
      return eveFacts(event.eve, event.type === 'protocol' ? event.eve.event_type : (event.eve.app_proto ?? ''));
    case 'log': {
      const { sender, host, severity, app, raw } = event.log;
      return {
        ...NOTHING,
        src: [number(sender), number(host)],
        severity,
        app: app ?? '',
        text: raw,
        record: event.log,
      };
    }
    case 'incident': {
      const { host, phases, evidence } = event.incident;
      return {
        ...NOTHING,
        src: [number(host)],
        phases,
        sids: evidence.map(({ rule }) => Number(rule?.split(':')[1])),
        text: evidence.map(({ summary }) => summary).join('\n'),
      };
    }
    default:
      return undefined;
  }
}

const NOTHING: Facts = { src: [], dst: [], vlan: [], sids: [], category: '', phases: [], app: '', text: '' };

function eveFacts(eve: EveRecord, app: string): Facts {
  return {
    ...NOTHING,
    src: [number(eve.src_ip)],
    dst: [number(eve.dest_ip)],
    srcPort: eve.src_port,
    dstPort: eve.dest_port,
    proto: protocol(eve.proto),
    vlan: eve.vlan ?? [],
    communityId: eve.community_id,
    sids: eve.alert === undefined ? [] : [eve.alert.signature_id],
    severity: eve.alert?.severity,
    category: eve.alert?.category ?? '',
    app,
    text: eve.alert?.signature ?? '',
    record: eve,
  };
}

function addresses(facts: Facts, dir: Direction): (bigint | undefined)[] {
  return dir === 'src' ? facts.src : dir === 'dst' ? facts.dst : [...facts.src, ...facts.dst];
}

function isIn(range: NumberRange, number: bigint | undefined): boolean {
  return number !== undefined && number >= range.first && number <= range.last;
}

function number(text: string | undefined): bigint | undefined {
  const bytes = text === undefined ? undefined : parseAddressOrNothing(text);
  return bytes === undefined ? undefined : addressNumber(bytes);
}

function protocol(name: string | undefined): number | undefined {
  try {
    return name === undefined ? undefined : parseProtocol(name);
  } catch {
    return undefined;
  }
}
