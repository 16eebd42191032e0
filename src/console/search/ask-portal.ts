// Asks the portal, which owns the event archive, over its socket.
import type { ApiError } from '../../api/errors.ts';
import type { SearchPage, SearchTable } from '../../api/rows.ts';
import { type ErrorCode, MssError } from '../../errors.ts';
import { askUnixSocket } from '../../os/http.ts';

/** Longer than the portal lets a search run. */
const ANSWER_WITHIN_MS = 60_000;

export interface SearchWords {
  filter: string;
  from?: string;
  to?: string;
  last?: string;
  limit?: string;
}

/**
 * One page of a search.
 * @throws MssError with the portal's own code, or 'io' when there is no portal
 */
export async function askPortal(socket: string, table: SearchTable, words: SearchWords): Promise<SearchPage> {
  const query = new URLSearchParams({ q: words.filter });
  for (const name of ['from', 'to', 'last', 'limit'] as const) {
    const value = words[name];
    if (value !== undefined) query.set(name, value);
  }
  const { status, body } = await askUnixSocket(socket, `/api/${table}?${query}`, ANSWER_WITHIN_MS);
  const answer = parseAnswer(body);
  if (status === 200) return answer as SearchPage;
  const { code, message } = answer as ApiError;
  throw new MssError(code as ErrorCode, message);
}

function parseAnswer(body: string): SearchPage | ApiError {
  try {
    return JSON.parse(body) as SearchPage | ApiError;
  } catch (cause) {
    throw new MssError('io', `the portal answered with no JSON: "${body.slice(0, 100)}"`, { cause });
  }
}
