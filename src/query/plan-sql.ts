// A filter as the condition of an SQL query on the event archive. Values only ever travel as parameters.
import type { SearchTable } from '../api/rows.ts';
import { parseAddress } from '../net/address.ts';
import {
  addressNumber,
  cidrNumbers,
  halvesOf,
  IPV4_NUMBERS,
  type NumberRange,
  spansIpv4,
} from '../net/address-number.ts';
import { parseCidr } from '../net/cidr.ts';
import { parseProtocol } from '../net/protocol-number.ts';
import { fieldPaths, likePattern } from './field-path.ts';
import type { Direction, Filter } from './filter.ts';
import { checkTableWords } from './table-words.ts';

export interface SqlCondition {
  /** one boolean expression with a `?` for each parameter */
  sql: string;
  /** halves of address numbers travel as decimal text: they need all of 64 bits */
  params: (string | number)[];
}

/** The columns behind the words, table by table. An address is a pair, <name>_high and <name>_low; any of several may match. */
interface Columns {
  src: string[];
  dst: string[];
  app: string;
  text: string;
  /** the whole record as JSON, and how its fields are laid out; only where `field` has a meaning */
  record?: { column: string; table: 'alerts' | 'logs' };
}

const OF_FLOWS: Columns = { src: ['src'], dst: ['dst'], app: 'app_proto', text: 'signature' };
const COLUMNS: Readonly<Record<SearchTable, Columns>> = {
  alerts: { ...OF_FLOWS, record: { column: 'eve', table: 'alerts' } },
  flows: OF_FLOWS,
  events: { ...OF_FLOWS, app: 'event_type' },
  // one row for each end of a flow: the address in question is always `ip`
  hosts: { ...OF_FLOWS, src: ['ip'], dst: [] },
  logs: {
    src: ['sender', 'host'],
    dst: [],
    app: 'app',
    text: 'raw',
    record: { column: 'log', table: 'logs' },
  },
  incidents: { src: ['host'], dst: [], app: '', text: 'summaries' },
};

/**
 * The condition under which a row of `table` matches `filter`. A row without a value (a port of ICMP) matches no word
 * about it, and so matches its negation.
 * @throws MssError `query` for a word that has no meaning for this table
 */
export function planSql(filter: Filter, table: SearchTable): SqlCondition {
  checkTableWords(filter, table);
  const params: SqlCondition['params'] = [];
  const sql = render(filter, COLUMNS[table], params);
  return { sql, params };
}

function render(filter: Filter, columns: Columns, params: SqlCondition['params']): string {
  const bind = (value: string | number): string => {
    params.push(value);
    return '?';
  };
  const half = (value: bigint): string => `${bind(String(value))}::UBIGINT`;
  const containing = (column: string, text: string) => `contains(lower(${column}), ${bind(text.toLowerCase())})`;
  switch (filter.op) {
    case 'all':
      return 'true';
    case 'and':
    case 'or': {
      if (filter.terms.length === 0) return filter.op === 'and' ? 'true' : 'false';
      return `(${filter.terms.map((term) => render(term, columns, params)).join(` ${filter.op} `)})`;
    }
    case 'not':
      // SQL's third truth value would lose rows without a value
      return `((${render(filter.term, columns, params)}) is not true)`;
    case 'host': {
      const number = addressNumber(parseAddress(filter.address));
      return anyOf(addressColumns(columns, filter.dir), (name) => within(name, { first: number, last: number }, half));
    }
    case 'net': {
      const cidr = parseCidr(filter.cidr);
      return anyOf(addressColumns(columns, filter.dir), (name) => {
        const inside = within(name, cidrNumbers(cidr), half);
        return spansIpv4(cidr) ? `(${inside} and not ${within(name, IPV4_NUMBERS, half)})` : inside;
      });
    }
    case 'port':
      return anyOf(ends(filter.dir, 'src_port', 'dst_port'), (column) =>
        filter.from === filter.to
          ? `${column} = ${bind(filter.from)}`
          : `${column} between ${bind(filter.from)} and ${bind(filter.to)}`,
      );
    case 'proto':
      if (filter.proto === 'ip') return within(columns.src[0], IPV4_NUMBERS, half);
      if (filter.proto === 'ip6') return `(not ${within(columns.src[0], IPV4_NUMBERS, half)})`;
      if (filter.proto === 'arp') return 'false'; // these tables hold IP only
      return `proto = ${bind(typeof filter.proto === 'number' ? filter.proto : parseProtocol(filter.proto))}`;
    case 'vlan':
      return filter.id === undefined ? 'len(vlan) > 0' : `list_contains(vlan, ${bind(filter.id)})`;
    case 'community-id':
      return `community_id = ${bind(filter.id)}`;
    case 'length':
    case 'compare':
    case 'inner':
    case 'flow':
      return 'false'; // refused before
    case 'sid':
      return columns === COLUMNS.incidents ? `list_contains(sids, ${bind(filter.sid)})` : `sid = ${bind(filter.sid)}`;
    case 'severity':
      return `severity ${filter.cmp} ${bind(filter.level)}`;
    case 'category':
      return containing('category', filter.text);
    case 'phase':
      return `list_contains(phases, ${bind(filter.phase)})`;
    case 'app':
      return `lower(${columns.app}) = ${bind(filter.text.toLowerCase())}`;
    case 'field': {
      const { column, table } = columns.record!;
      // JSON pointers (RFC 6901); names hold none of what would have to be escaped in them
      const places = fieldPaths(table, filter.name).map(
        (path) => `json_extract_string(${column}, ${bind(`/${path.join('/')}`)})`,
      );
      return `lower(coalesce(${places.join(', ')})) like ${bind(likePattern(filter.value))} escape '\\'`;
    }
    case 'text':
      return containing(columns.text, filter.text);
  }
}

function addressColumns(columns: Columns, dir: Direction): string[] {
  return dir === 'src' ? columns.src : dir === 'dst' ? columns.dst : [...columns.src, ...columns.dst];
}

function ends(dir: Direction, src: string, dst: string): string[] {
  return dir === 'src' ? [src] : dir === 'dst' ? [dst] : [src, dst];
}

function anyOf(columns: string[], test: (column: string) => string): string {
  return `(${columns.map(test).join(' or ')})`;
}

/** A block of addresses is a range of one half: of the upper one, or of the lower one under one upper half. */
function within(name: string, range: NumberRange, half: (value: bigint) => string): string {
  const [first, last] = [halvesOf(range.first), halvesOf(range.last)];
  const between = (column: string, from: bigint, to: bigint) =>
    from === to ? `${column} = ${half(from)}` : `${column} between ${half(from)} and ${half(to)}`;
  const upper = between(`${name}_high`, first.high, last.high);
  if (first.high !== last.high) return `(${upper})`;
  return `(${upper} and ${between(`${name}_low`, first.low, last.low)})`;
}
