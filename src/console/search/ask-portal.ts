// Asks the portal, which owns the event archive, over its socket.
import type { ApiError } from '../../api/errors.ts';
import type { Verdict } from '../../api/incident.ts';
import type { AddressReport, Origins } from '../../api/origin.ts';
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
  return (await askJson(socket, `/api/${table}?${query}`)) as SearchPage;
}

/**
 * Tells the portal what a person thinks of an incident; ids takes it from there.
 * @throws MssError as {@link askPortal}
 */
export async function sendVerdict(
  socket: string,
  id: string,
  verdict: Omit<Verdict, 'by' | 'timeUs'>,
): Promise<Verdict> {
  return (await askJson(socket, `/api/incidents/${encodeURIComponent(id)}`, JSON.stringify(verdict))) as Verdict;
}

/** at most so many addresses a question, so that it stays short */
const ADDRESSES_AT_ONCE = 100;

/** Where addresses belong, as the sensor's databases say. @throws MssError as {@link askPortal} */
export async function askOrigins(socket: string, addresses: readonly string[]): Promise<Origins> {
  const origins: Origins = {};
  const each = [...new Set(addresses)];
  for (let i = 0; i < each.length; i += ADDRESSES_AT_ONCE) {
    const query = new URLSearchParams(each.slice(i, i + ADDRESSES_AT_ONCE).map((address) => ['address', address]));
    Object.assign(origins, await askJson(socket, `/api/origins?${query}`));
  }
  return origins;
}

/** Who is behind an address. @throws MssError as {@link askPortal} */
export const askWho = async (socket: string, address: string): Promise<AddressReport> =>
  (await askJson(socket, `/api/who/${encodeURIComponent(address)}`)) as AddressReport;

async function askJson(socket: string, path: string, sent?: string): Promise<unknown> {
  const { status, body } = await askUnixSocket(socket, path, ANSWER_WITHIN_MS, sent);
  const answer = parseAnswer(body);
  if (status === 200) return answer;
  const { code, message } = answer as ApiError;
  throw new MssError(code as ErrorCode, message);
}

function parseAnswer(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new MssError('io', `the portal answered with no JSON: "${body.slice(0, 100)}"`, { cause });
  }
}
