// What is asked for: table, filter words and time. Checked here first, by the same parser as on the sensor.
import { computed, signal } from '@preact/signals';
import { parseFilter } from '../../query/parse.ts';
import { checkTableWords } from '../../query/table-words.ts';
import { messageOf } from '../api-client.ts';

export const RANGES = [
  ['', 'any time'],
  ['15m', 'last 15 minutes'],
  ['1h', 'last hour'],
  ['24h', 'last 24 hours'],
  ['7d', 'last 7 days'],
] as const;

/** the tables of the page, as its tabs have them */
export const TABLES = [
  ['alerts', 'Alerts'],
  ['logs', 'Logs'],
  ['hosts', 'Hosts'],
  ['flows', 'Flows'],
] as const;
export type ShownTable = (typeof TABLES)[number][0];
export const table = signal<ShownTable>('alerts');

/** as typed, not yet asked for */
export const draft = signal('');
/** in force */
export const filterWords = signal('');
export const range = signal('');

/** Why the words as typed do not stand; undefined when they do. */
export const draftError = computed(() => {
  try {
    checkTableWords(parseFilter(draft.value), table.value);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
});

/** Puts words in force (those typed, unless told). */
export function applyFilter(words = draft.value): void {
  draft.value = words;
  if (draftError.value === undefined) filterWords.value = words.trim();
}

/** The words in force and these too. */
export function narrowFilter(words: string): void {
  const before = filterWords.value;
  if (before === '') applyFilter(words);
  else applyFilter(/\b(or|and)\b/.test(before) ? `(${before}) and ${words}` : `${before} and ${words}`);
}
