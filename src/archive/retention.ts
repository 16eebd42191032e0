// What leaves the archive: rows older than the days asked for, then the oldest until the rest fits into its bytes.
import type { Pruned, RetentionLimits } from './event-archive.ts';
import { TABLE_NAMES } from './schema.ts';

const DAY_US = 86_400e6;
/** Share of the time span that goes at a time while the archive is too large. */
const SLICE = 0.1;
/** Space comes back by whole row groups only: once this share of the limit is what the rows left need, it will. */
const ENOUGH = 0.8;

/** The few questions retention asks of a database. */
export interface RetentionSql {
  all(sql: string, params?: (string | number)[]): Promise<Record<string, unknown>[]>;
  usedBytes(): Promise<number>;
}

/** Deletes within `limits`; call it while nothing else writes. */
export async function pruneArchive(sql: RetentionSql, limits: RetentionLimits, nowUs: number): Promise<Pruned> {
  let beforeUs: number | undefined = nowUs - limits.days * DAY_US;
  let rows = await deleteBefore(sql, beforeUs);
  if (rows === 0) beforeUs = undefined;
  let usedBytes = await sql.usedBytes();
  const rowsBefore = await countRows(sql);
  const bytesPerRow = usedBytes / rowsBefore;
  for (let left = rowsBefore; usedBytes > limits.bytes && left * bytesPerRow > limits.bytes * ENOUGH; ) {
    const span = await timeSpan(sql);
    if (span === undefined) break;
    beforeUs = Math.floor(span.oldestUs + Math.max(1, (span.newestUs - span.oldestUs) * SLICE));
    const deleted = await deleteBefore(sql, beforeUs);
    rows += deleted;
    left -= deleted;
    usedBytes = await sql.usedBytes();
  }
  return { rows, beforeUs, usedBytes };
}

async function deleteBefore(sql: RetentionSql, beforeUs: number): Promise<number> {
  let rows = 0;
  for (const table of TABLE_NAMES) {
    const [deleted] = await sql.all(`delete from ${table} where time_us < ?`, [beforeUs]);
    rows += Number(deleted?.Count ?? 0);
  }
  if (rows > 0) await sql.all('checkpoint'); // only this gives the blocks back
  return rows;
}

async function timeSpan(sql: RetentionSql): Promise<{ oldestUs: number; newestUs: number } | undefined> {
  const times = TABLE_NAMES.map((table) => `select min(time_us) as a, max(time_us) as b from ${table}`);
  const [span] = await sql.all(`select min(a) as oldest, max(b) as newest from (${times.join(' union all ')})`);
  if (span?.oldest === null || span?.oldest === undefined) return undefined;
  return { oldestUs: Number(span.oldest), newestUs: Number(span.newest) };
}

async function countRows(sql: RetentionSql): Promise<number> {
  const counts = TABLE_NAMES.map((table) => `(select count(*) from ${table})`);
  const [counted] = await sql.all(`select ${counts.join(' + ')} as rows`);
  return Number(counted?.rows ?? 0);
}
