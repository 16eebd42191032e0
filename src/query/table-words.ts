// Which filter words have a meaning in which table; the others are refused by name, never silently dropped.
import { PHASES } from '../api/incident.ts';
import type { SearchTable } from '../api/rows.ts';
import { MssError } from '../errors.ts';
import type { Filter } from './filter.ts';

type Op = Exclude<Filter['op'], 'all' | 'and' | 'or' | 'not'>;

const OF_FLOWS: readonly Op[] = ['host', 'net', 'port', 'proto', 'vlan', 'community-id', 'app'];
const TABLE_WORDS: Readonly<Record<SearchTable, readonly Op[]>> = {
  alerts: [...OF_FLOWS, 'sid', 'severity', 'category', 'field', 'text'],
  flows: OF_FLOWS,
  events: OF_FLOWS,
  hosts: OF_FLOWS,
  logs: ['host', 'net', 'severity', 'app', 'field', 'text'],
  incidents: ['host', 'net', 'sid', 'phase', 'text'],
};

/** Tables whose addresses have no direction: a log's sender, an incident's host. */
const WITHOUT_DIRECTION: readonly SearchTable[] = ['logs', 'incidents', 'hosts'];

/**
 * Refuses a filter that uses a word without meaning in `table`.
 * @throws MssError `query` naming the word and what may be used instead
 */
export function checkTableWords(filter: Filter, table: SearchTable): void {
  switch (filter.op) {
    case 'all':
      return;
    case 'not':
      checkTableWords(filter.term, table);
      return;
    case 'and':
    case 'or':
      for (const term of filter.terms) checkTableWords(term, table);
      return;
  }
  const allowed = TABLE_WORDS[table];
  if (!allowed.includes(filter.op)) {
    throw new MssError(
      'query',
      `"${wordOf(filter)}" has no meaning for ${table}; use ${allowed.map(spelling).join(', ')}`,
    );
  }
  if (filter.op === 'phase' && !(PHASES as readonly string[]).includes(filter.phase)) {
    throw new MssError('query', `"${filter.phase}" is no phase; use ${PHASES.join(', ')}`);
  }
  if ('dir' in filter && filter.dir !== 'either' && WITHOUT_DIRECTION.includes(table)) {
    throw new MssError('query', `"${filter.dir}" has no meaning for ${table}; write ${filter.op} without it`);
  }
}

function wordOf(filter: Filter): string {
  if (filter.op === 'length') return filter.cmp === '<=' ? 'less' : 'greater';
  if (filter.op === 'proto') return String(filter.proto);
  if (filter.op === 'text') return filter.text;
  if (filter.op === 'compare') return 'PROTOCOL[OFFSET]';
  return filter.op;
}

function spelling(op: Op): string {
  return op === 'field'
    ? 'field NAME=VALUE'
    : op === 'text'
      ? '"quoted text"'
      : op === 'proto'
        ? 'tcp, udp, icmp, ...'
        : op;
}
