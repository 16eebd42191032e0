// GET /api/<table>?q=FILTER&from=T&to=T&last=1h&limit=N&before=ID: the searches, one route a table.
import { SEARCH_TABLES, type SearchPage, type SearchTable } from '../../api/rows.ts';
import type { ArchiveReader, Search } from '../../archive/event-archive.ts';
import { MssError } from '../../errors.ts';
import { parseFilter } from '../../query/parse.ts';
import { parseTime } from '../../query/parse-time.ts';
import { explainNothing } from '../explain-nothing.ts';
import type { PortalApp, PortalParts } from '../parts.ts';

const DEFAULT_ROWS = 100;
const MOST_ROWS = 10_000;
const PARAMETERS = ['q', 'from', 'to', 'last', 'limit', 'before'];

export function searchRoutes(app: PortalApp, { archive }: PortalParts): void {
  for (const table of SEARCH_TABLES) {
    app.get(`/api/${table}`, async (c) => c.json(await searchPage(archive, table, parseSearch(c.req.query()))));
  }
}

/** @throws MssError 'query' or 'usage' naming the parameter */
export function parseSearch(query: Readonly<Record<string, string>>): Search {
  const unknown = Object.keys(query).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw new MssError('usage', `"${unknown}" is no parameter of a search; use ${PARAMETERS.join(', ')}`);
  }
  const nowUs = Date.now() * 1000;
  const { q = '', from, to, last, limit = String(DEFAULT_ROWS), before } = query;
  if (last !== undefined && from !== undefined) throw new MssError('usage', 'give "from" or "last", not both');
  if (!/^\d{1,6}$/.test(limit) || Number(limit) < 1 || Number(limit) > MOST_ROWS) {
    throw new MssError('usage', `limit "${limit}" must be a number from 1 to ${MOST_ROWS}`);
  }
  if (last !== undefined && !/^\d+[smhd]$/.test(last)) {
    throw new MssError('query', `last "${last}" must be like 90s, 15m, 2h or 7d`);
  }
  const fromUs =
    last !== undefined ? parseTime(`-${last}`, nowUs) : from !== undefined ? parseTime(from, nowUs) : undefined;
  const toUs = to === undefined ? undefined : parseTime(to, nowUs);
  if (fromUs !== undefined && toUs !== undefined && fromUs >= toUs) {
    throw new MssError('query', 'the time asked for ends before it begins');
  }
  return { filter: parseFilter(q), fromUs, toUs, limit: Number(limit), before };
}

async function searchPage(archive: ArchiveReader, table: SearchTable, search: Search): Promise<SearchPage> {
  // one more than asked for tells whether there are more
  const wanted = { ...search, limit: search.limit + 1 };
  const found = table === 'hosts' ? await archive.hosts(wanted) : await archive.search(table, wanted);
  const page: SearchPage = { rows: found.slice(0, search.limit), more: found.length > search.limit };
  if (found.length === 0 && search.before === undefined) {
    page.nothing = explainNothing(table, search, await archive.coverage(table === 'hosts' ? 'flows' : table));
  }
  return page;
}
