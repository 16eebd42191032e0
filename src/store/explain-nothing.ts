// Why a query found nothing, as far as the store knows: a person should not have to guess.
import type { PacketQuery, QueryReport } from './find-packets.ts';

/** One sentence; call it where `report.matched` is 0 after the query ended. */
export function explainNothing(dir: string, query: PacketQuery, report: QueryReport): string {
  if (report.firstNs === undefined || report.lastNs === undefined) return `the store ${dir} holds no packets`;
  const oldest = Number(report.firstNs / 1000n);
  const newest = Number(report.lastNs / 1000n);
  const stored = `packets are stored from ${formatUs(oldest)} to ${formatUs(newest)}`;
  if (query.fromUs !== undefined && query.toUs !== undefined && query.fromUs > query.toUs) {
    return 'the time range ends before it begins';
  }
  if (query.fromUs !== undefined && query.fromUs > newest) return `asked for later than anything stored: ${stored}`;
  if (query.toUs !== undefined && query.toUs < oldest) return `asked for earlier than anything stored: ${stored}`;
  if (report.searched === 0) return `nothing was stored in this time range; ${stored}`;
  if (report.flows === 0) return `no such flow or host was seen in the stored time; ${stored}`;
  return `${report.candidates} packets of flows that might match were looked at, none matches; ${stored}`;
}

/** Microseconds since 1970 as ISO 8601 in UTC, to the microsecond. */
export function formatUs(timeUs: number): string {
  const micros = String(timeUs % 1000).padStart(3, '0');
  return new Date(Math.floor(timeUs / 1000)).toISOString().replace('Z', `${micros}Z`);
}
