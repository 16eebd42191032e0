// The loss ledger's last hour for board, status and doctor: read anew every half minute only, though the board draws all
// day, and as one line.
import { type LedgerAnswer, type LedgerPath, lostBeforeCard, lostInspected, lostStored } from '../api/ledger.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import type { Paths } from '../paths.ts';
import { formatCount } from './format.ts';

const HOUR_MS = 3_600_000;
const READ_EVERY_MS = 30_000;

/** A reader of the last hour, as one row. It throws as readLedger does. */
export function ledgerHourReader(at: Paths): (nowMs: number) => LedgerAnswer {
  let last: LedgerAnswer | undefined;
  let readMs = 0;
  return (nowMs) => {
    const ageMs = nowMs - readMs;
    if (last !== undefined && ageMs >= 0 && ageMs < READ_EVERY_MS) return last;
    const dirs = { stored: at.ledgerDir('capture'), inspected: at.ledgerDir('ids') };
    last = readLedger(dirs, { fromMs: nowMs - HOUR_MS, toMs: nowMs }, nowMs, 1);
    readMs = nowMs;
    return last;
  };
}

/** Minutes without a record. */
export const gapMinutes = ({ gaps }: LedgerAnswer, path: LedgerPath): number =>
  gaps.reduce((sum, gap) => (gap.path === path ? sum + (gap.toMs - gap.fromMs) / 60_000 : sum), 0);

/** What was lost of how many, on both paths, and how long nobody counted; undefined where nothing was ever counted. */
export function lossLine(answer: LedgerAnswer | undefined): string | undefined {
  if (answer?.ever.sinceMs === undefined) return undefined;
  const { stored, inspected } = answer.sum;
  const gap = (path: LedgerPath) => {
    const minutes = gapMinutes(answer, path);
    return minutes === 0 ? '' : ` (${formatCount(minutes)} min not counted)`;
  };
  const part = (path: LedgerPath, lost: number | undefined, offered = 0) =>
    lost === undefined ? `${path} not counted` : `${path} ${formatCount(lost)} of ${formatCount(offered)}${gap(path)}`;
  const parts = [
    part('stored', stored && lostStored(stored.counts), stored?.counts.offered),
    part('inspected', inspected && lostInspected(inspected.counts), inspected?.counts.offered),
  ];
  const before = lostBeforeCard({ stored, inspected }) ?? 0;
  if (before > 0) parts.push(`before the card ${formatCount(before)} or more`);
  return `Lost 1 h  ${parts.join(', ')}`;
}
