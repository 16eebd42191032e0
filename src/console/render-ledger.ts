// The loss ledger as text for a person: sums of both paths, then the times with loss and those nobody counted.
import {
  type LedgerAnswer,
  type LedgerGap,
  type LedgerRow,
  type LedgerSum,
  lostBeforeCard,
  lostInspected,
  lostStored,
} from '../api/ledger.ts';
import { formatBytes, formatCount, plain } from './format.ts';

const LINES_SHOWN = 40;

export function renderLedger(answer: LedgerAnswer): string {
  const { fromMs, toMs, rows, gaps, sum, ever } = answer;
  if (ever.sinceMs === undefined)
    return 'Nothing was counted yet: mss-capture and mss-ids write the ledger, minute by minute.';
  const minutes = (toMs - fromMs) / 60_000;
  const lossy = rows.filter(hasLoss).map((row) => `  ${time(row.fromMs)}  ${lossOf(row)}`);
  return [
    `From ${time(fromMs)} to ${time(toMs)} UTC (${formatCount(minutes)} minutes):`,
    ...sumLines(sum, minutes),
    ...listing('Times with loss', lossy, 'No loss was counted.'),
    ...listing('Gaps, in which nobody counted', gaps.map(gapLine), 'No gaps.'),
    `Since ${time(ever.sinceMs)} UTC:`,
    ...sumLines(ever),
  ].join('\n');
}

/** @param minutes of which so many should have been counted */
function sumLines({ stored, inspected }: LedgerSum, minutes?: number): string[] {
  const lines: string[] = [];
  const watched = (seconds: number) =>
    minutes === undefined
      ? ''
      : `, ${formatCount(Math.min(minutes, seconds / 60))} of ${formatCount(minutes)} minutes counted`;
  if (stored === undefined) lines.push('  stored     nobody counted');
  else {
    const { counts, seconds } = stored;
    const early = counts.prunedEarlyBytes > 0 ? `, ${formatBytes(counts.prunedEarlyBytes)} of it before its time` : '';
    lines.push(
      `  stored     ${formatCount(counts.stored)} of ${formatCount(counts.offered)} packets (${formatBytes(counts.storedBytes)})${watched(seconds)}`,
      `             lost ${share(lostStored(counts), counts.offered)}: ${formatCount(counts.lostInCard)} in the card, ` +
        `${formatCount(counts.lostInRing)} in the ring, ${formatCount(counts.notWritten)} not written${stored.why === undefined ? '' : ` (${plain(stored.why)})`}`,
      `             left out by filter ${formatCount(counts.filtered - counts.beyondCutoff)}, by cutoff ${formatCount(counts.beyondCutoff)}, damaged frames ${formatCount(counts.damaged)}, ` +
        `pruned ${formatBytes(counts.prunedBytes)}${early}`,
    );
  }
  if (inspected === undefined) lines.push('  inspected  nobody counted');
  else {
    const { counts, seconds } = inspected;
    lines.push(
      `  inspected  ${formatCount(counts.inspected)} of ${formatCount(counts.offered)} packets${watched(seconds)}`,
      `             lost ${share(lostInspected(counts), counts.offered)}: ${formatCount(counts.lostInRing)} in the ring, ` +
        `${formatCount(counts.invalid)} undecodable; ${formatCount(counts.memcapSegments)} segments for want of memory, ` +
        `${formatCount(counts.lostAlerts)} alerts, ${formatCount(counts.lostRecords)} records`,
    );
  }
  const before = lostBeforeCard({ stored, inspected });
  if (before !== undefined) {
    lines.push(`  before the card: at least ${formatCount(before)} TCP segments were acknowledged and never seen here`);
  }
  return lines;
}

const hasLoss = (row: LedgerRow): boolean =>
  (row.stored !== undefined && lostStored(row.stored.counts) > 0) ||
  (row.inspected !== undefined && lostInspected(row.inspected.counts) + row.inspected.counts.lostRecords > 0) ||
  (lostBeforeCard(row) ?? 0) > 0;

function lossOf(row: LedgerRow): string {
  const { stored, inspected } = row;
  return [
    stored && `stored path ${share(lostStored(stored.counts), stored.counts.offered)}`,
    inspected && `inspected path ${share(lostInspected(inspected.counts), inspected.counts.offered)}`,
    `before the card ${formatCount(lostBeforeCard(row) ?? 0)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

const gapLine = ({ path, fromMs, toMs, why }: LedgerGap): string =>
  `  ${time(fromMs)} to ${time(toMs)}  ${path} path: ${why}`;

function listing(title: string, lines: readonly string[], none: string): string[] {
  if (lines.length === 0) return [none];
  const left = lines.length - LINES_SHOWN;
  return [`${title}:`, ...lines.slice(-LINES_SHOWN), ...(left > 0 ? [`  and ${left} before (--json lists them)`] : [])];
}

const share = (lost: number, offered: number): string =>
  lost === 0 || offered === 0
    ? formatCount(lost)
    : `${formatCount(lost)} (${((100 * lost) / offered).toPrecision(2)} %)`;

const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
