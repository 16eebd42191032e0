// The tables beside the alerts: what is in sight of logs, hosts and flows. Asked for again every few seconds.
import { effect, signal } from '@preact/signals';
import type { FlowRow, HostRow, LogRow, SearchPage } from '../../api/rows.ts';
import { askJson, messageOf } from '../api-client.ts';
import { filterWords, range, table } from './query.ts';
import { session } from './session.ts';

type Row = LogRow | HostRow | FlowRow;

const PAGE_ROWS = 200;
const AGAIN_MS = 5000;

export interface TableState {
  rows: readonly Row[];
  /** there are older ones */
  more: boolean;
  nothing?: string;
  failure?: string;
  loading: boolean;
}

const EMPTY: TableState = { rows: [], more: false, loading: true };
export const tableState = signal<TableState>(EMPTY);

const pathOf = (before?: string): string => {
  const query = new URLSearchParams({ q: filterWords.value, limit: String(PAGE_ROWS) });
  if (range.value !== '') query.set('last', range.value);
  if (before !== undefined) query.set('before', before);
  return `/api/${table.value}?${query}`;
};

/** The key of a row: its id, or the address that it is about. */
export const keyOf = (row: Row): string => (row.type === 'host' ? row.address : row.id);

/** Follows table, words, time and session until what is returned is called. */
export function followTables(): () => void {
  return effect(() => {
    const path = table.value === 'alerts' || session.value.kind !== 'in' ? undefined : pathOf();
    if (path === undefined) return undefined;
    tableState.value = EMPTY;
    let stopped = false;
    let timer = 0;
    const load = async () => {
      try {
        const page = await askJson<SearchPage<Row>>(path);
        if (!stopped) tableState.value = { ...page, rows: joined(page.rows), loading: false };
      } catch (error) {
        if (!stopped) tableState.value = { ...tableState.peek(), failure: messageOf(error), loading: false };
      }
      if (!stopped) timer = window.setTimeout(load, AGAIN_MS);
    };
    void load();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
    };
  });
}

/** The newest page, and below it the older rows that were asked for already. */
function joined(newest: readonly Row[]): readonly Row[] {
  const before = tableState.peek().rows;
  const last = newest.at(-1);
  if (last === undefined || last.type === 'host' || before.length <= newest.length) return newest;
  const at = before.findIndex((row) => keyOf(row) === keyOf(last));
  return at === -1 ? newest : [...newest, ...before.slice(at + 1)];
}

/** Older rows; hosts come whole. */
export async function loadOlder(): Promise<void> {
  const { rows } = tableState.value;
  const last = rows.at(-1);
  if (last === undefined || last.type === 'host') return;
  const path = pathOf(last.id);
  const asked = table.value;
  tableState.value = { ...tableState.value, loading: true };
  try {
    const page = await askJson<SearchPage<Row>>(path);
    if (asked === table.value) tableState.value = { rows: [...rows, ...page.rows], more: page.more, loading: false };
  } catch (error) {
    tableState.value = { ...tableState.value, failure: messageOf(error), loading: false };
  }
}
