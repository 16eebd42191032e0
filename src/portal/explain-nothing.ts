// Why a search found nothing, in one line for a person.
import type { SearchTable } from '../api/rows.ts';
import type { Coverage, Search } from '../archive/event-archive.ts';

const WHERE_FROM: Readonly<Record<SearchTable, string>> = {
  alerts: 'is the engine running, and does the mirror port deliver?',
  flows: 'is the engine running, and does the mirror port deliver?',
  events: 'is the engine running, and does the mirror port deliver?',
  hosts: 'is the engine running, and does the mirror port deliver?',
  logs: 'do the hosts send their syslog to this sensor?',
  incidents: 'no host showed two steps of an infection yet',
};

/** @param coverage of the table that was searched (for hosts: of flows) */
export function explainNothing(table: SearchTable, search: Search, coverage: Coverage): string {
  const { rows, oldestUs, newestUs } = coverage;
  if (rows === 0 || oldestUs === undefined || newestUs === undefined) {
    return `there are no ${table} at all yet: ${WHERE_FROM[table]}`;
  }
  const held = `the archive holds ${rows} ${table === 'hosts' ? 'flows' : table} from ${iso(oldestUs)} to ${iso(newestUs)}`;
  if (search.toUs !== undefined && search.toUs <= oldestUs) return `nothing is as old as asked for: ${held}`;
  if (search.fromUs !== undefined && search.fromUs > newestUs) return `nothing is as new as asked for: ${held}`;
  const timed = search.fromUs !== undefined || search.toUs !== undefined;
  return `none matches these words${timed ? ' in that time' : ''}; ${held}`;
}

const iso = (us: number): string => new Date(us / 1000).toISOString().replace(/\.\d+Z$/, 'Z');
