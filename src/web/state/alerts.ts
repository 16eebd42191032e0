// The alerts in sight: a page out of the archive, and what comes live while nobody looks elsewhere.
import { computed, effect, signal } from '@preact/signals';
import type { AlertRow, SearchPage } from '../../api/rows.ts';
import { askJson, messageOf } from '../api-client.ts';
import { mergeIncidents } from './incidents.ts';
import { filterWords, range } from './query.ts';
import { findSession, session } from './session.ts';

const PAGE_ROWS = 200;
/** in sight; older ones are a click away */
const MOST_ROWS = 1000;
const MOST_WAITING = 1000;

export type LiveState = 'connecting' | 'live' | 'broken';

export const rows = signal<readonly AlertRow[]>([]);
export const more = signal(false);
export const nothing = signal<string | undefined>(undefined);
export const failure = signal<string | undefined>(undefined);
export const loading = signal(false);
export const liveState = signal<LiveState>('connecting');
/** rows that the live stream had to leave out */
export const leftOut = signal(0);
export const paused = signal(false);
/** new rows while paused */
export const waiting = signal<readonly AlertRow[]>([]);
export const selectedId = signal<string | undefined>(undefined);
export const selected = computed(() => rows.value.find(({ id }) => id === selectedId.value));
/** ids that came live a moment ago: shown with a short glow */
export const fresh = signal<ReadonlySet<string>>(new Set());

const byTime = (a: AlertRow, b: AlertRow): number => b.timeUs - a.timeUs || (a.id < b.id ? 1 : -1);

function merge(into: readonly AlertRow[], added: readonly AlertRow[], most: number): readonly AlertRow[] {
  const known = new Set(into.map(({ id }) => id));
  const news = added.filter(({ id }) => !known.has(id));
  return news.length === 0 ? into : [...news, ...into].sort(byTime).slice(0, most);
}

const searchPath = (before?: string): string => {
  const query = new URLSearchParams({ q: filterWords.value, limit: String(PAGE_ROWS) });
  if (range.value !== '') query.set('last', range.value);
  if (before !== undefined) query.set('before', before);
  return `/api/alerts?${query}`;
};

/** counts questions: an answer that comes after another question was asked is dropped */
let asked = 0;
/** the question that the rows in sight answer */
let answered: string | undefined;
/** what came live before the first answer to a new question */
let early: readonly AlertRow[] = [];

/** Asks for the newest page; it joins the rows in sight where they answer the same question, else it replaces them. */
async function load(): Promise<void> {
  const mine = ++asked;
  const question = searchPath();
  loading.value = true;
  try {
    const page = await askJson<SearchPage<AlertRow>>(question);
    if (mine !== asked) return;
    const isNew = answered !== question;
    rows.value = merge(isNew ? early : rows.value, page.rows, MOST_ROWS);
    if (isNew) more.value = page.more;
    nothing.value = rows.value.length === 0 ? page.nothing : undefined;
    failure.value = undefined;
    answered = question;
    early = [];
  } catch (error) {
    if (mine === asked) failure.value = messageOf(error);
  } finally {
    if (mine === asked) loading.value = false;
  }
}

export async function loadMore(): Promise<void> {
  const last = rows.value.at(-1);
  if (last === undefined || loading.value) return;
  const mine = asked;
  loading.value = true;
  try {
    const page = await askJson<SearchPage<AlertRow>>(searchPath(last.id));
    if (mine !== asked) return;
    rows.value = merge(rows.value, page.rows, rows.value.length + PAGE_ROWS);
    more.value = page.more;
  } catch (error) {
    failure.value = messageOf(error);
  } finally {
    loading.value = false;
  }
}

export function resume(): void {
  paused.value = false;
  rows.value = merge(rows.value, waiting.value, MOST_ROWS);
  waiting.value = [];
}

function take(added: readonly AlertRow[]): void {
  if (added.length === 0) return;
  if (answered !== searchPath()) {
    early = merge(early, added, MOST_ROWS);
    return;
  }
  nothing.value = undefined;
  if (paused.value) {
    waiting.value = merge(waiting.value, added, MOST_WAITING);
    return;
  }
  fresh.value = new Set(added.map(({ id }) => id));
  rows.value = merge(rows.value, added, MOST_ROWS);
}

interface LiveFrame {
  rows: (AlertRow | Parameters<typeof mergeIncidents>[0][number])[];
  dropped: number;
}

function watchLive(words: string): () => void {
  const source = new EventSource(`/api/live?${new URLSearchParams({ q: words })}`);
  source.addEventListener('begin', () => {
    if (liveState.value === 'broken') void load(); // what came while the connection was down
    liveState.value = 'live';
  });
  source.addEventListener('rows', (event) => {
    const { rows: added, dropped } = JSON.parse(event.data) as LiveFrame;
    leftOut.value += dropped;
    take(added.filter((row) => row.type === 'alert'));
    mergeIncidents(added.filter((row) => row.type === 'incident'));
  });
  source.addEventListener('login', () => void findSession());
  source.addEventListener('error', () => {
    liveState.value = 'broken';
    if (source.readyState === EventSource.CLOSED) void findSession(); // refused: most likely the session
  });
  return () => source.close();
}

/** Follows filter, time and session; what is returned ends that and forgets all rows. */
export function followAlerts(): () => void {
  const stop = effect(() => {
    if (session.value.kind !== 'in') return undefined;
    const words = filterWords.value;
    void range.value; // another time is another question
    liveState.value = 'connecting';
    waiting.value = [];
    leftOut.value = 0;
    early = [];
    const close = watchLive(words);
    void load();
    return close;
  });
  return () => {
    stop();
    asked++;
    answered = undefined;
    rows.value = [];
    waiting.value = [];
    selectedId.value = undefined;
    paused.value = false;
  };
}
