// The files that a flow carried: what the engine said of each, and which of them were kept.
import type { EventRow, SearchPage } from '../../api/rows.ts';
import { askJson } from '../api-client.ts';

export interface CarriedFile {
  name: string;
  kind?: string;
  bytes?: number;
  sha256?: string;
  /** it can be downloaded, unless it was deleted since */
  stored: boolean;
}

/** records of the flow, of whatever kind */
const MOST_RECORDS = 500;

/** @throws Refusal */
export async function askFiles(communityId: string): Promise<CarriedFile[]> {
  const query = new URLSearchParams({ q: `community-id ${communityId}`, limit: String(MOST_RECORDS) });
  const { rows } = await askJson<SearchPage<EventRow>>(`/api/events?${query}`);
  return rows
    .filter(({ eve }) => eve.event_type === 'fileinfo')
    .map(({ eve }) => carried((eve.fileinfo ?? {}) as Record<string, unknown>));
}

function carried({ filename, magic, size, sha256, stored }: Record<string, unknown>): CarriedFile {
  return {
    name: typeof filename === 'string' && filename !== '' ? filename : 'without a name',
    kind: typeof magic === 'string' ? magic : undefined,
    bytes: typeof size === 'number' ? size : undefined,
    sha256: typeof sha256 === 'string' ? sha256 : undefined,
    stored: stored === true && typeof sha256 === 'string',
  };
}
