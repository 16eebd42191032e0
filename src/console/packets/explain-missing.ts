// What may have kept packets out of the store that a query did not find: the loss ledger's answer, in sentences.
import { type LedgerAnswer, lostStored } from '../../api/ledger.ts';
import { formatUs } from '../../store/explain-nothing.ts';

const MINUTE_MS = 60_000;
/** The ledger keeps minutes so long. */
const LEDGER_MS = 39 * 86_400_000;

/** Milliseconds since 1970. */
export interface AskedTime {
  fromMs: number;
  toMs: number;
  /** of the oldest packet that is stored; undefined: there is none */
  oldestMs: number | undefined;
  nowMs: number;
}

type Part = Pick<LedgerAnswer, 'sum' | 'gaps' | 'ever'>;

/**
 * Sentences to put behind "no packets"; empty where nothing was kept out.
 * @param read the ledger of a time
 * @param capture what it stores only, or empty, and how many bytes of a flow, or 0 for all
 */
export function explainMissing(
  read: (fromMs: number, toMs: number) => Part,
  { fromMs, toMs, oldestMs, nowMs }: AskedTime,
  capture: { filter: string; cutoff: number },
): string {
  const from = Math.max(fromMs, nowMs - LEDGER_MS);
  const to = Math.min(toMs, nowMs);
  const { sinceMs } = read(nowMs - MINUTE_MS, nowMs).ever;
  if (sinceMs === undefined) return '';
  if (to <= sinceMs) return `; this sensor has counted packets since ${formatUs(sinceMs * 1000)} only`;
  if (from >= to) return '';
  const parts = explainPart(read(from, to), capture);
  // the oldest stored minute is not gone as a whole
  const gone = Math.floor(Math.min(to, oldestMs ?? nowMs) / MINUTE_MS) * MINUTE_MS;
  const { counts } = (gone > from ? read(from, gone).sum.stored : undefined) ?? {};
  if (counts !== undefined && counts.stored > 0) {
    const early = (read(from, nowMs).sum.stored?.counts.prunedEarlyBytes ?? 0) > 0;
    parts.push(
      `${counts.stored} packets were stored and pruned for newer ones since${early ? ', some of them early, since something else fills the disk' : ''}`,
    );
  }
  return parts.length === 0 ? '' : `; in the time asked for ${parts.join('; ')}`;
}

function explainPart({ sum, gaps }: Part, capture: { filter: string; cutoff: number }): string[] {
  const parts: string[] = [];
  if (sum.stored !== undefined) {
    const { filtered, beyondCutoff } = sum.stored.counts;
    const lost = lostStored(sum.stored.counts);
    const byFilter = filtered - beyondCutoff;
    if (byFilter > 0) parts.push(`${byFilter} packets were filtered: capture stores only "${capture.filter}"`);
    if (beyondCutoff > 0) {
      parts.push(
        `${beyondCutoff} packets were beyond the first ${capture.cutoff} bytes of their flow (capture.cutoff)`,
      );
    }
    if (lost > 0) parts.push(`${lost} packets were lost before they were stored`);
  }
  const minutes = gaps
    .filter(({ path }) => path === 'stored')
    .reduce((total, { fromMs, toMs }) => total + (toMs - fromMs) / MINUTE_MS, 0);
  if (minutes >= 1) parts.push(`in ${Math.round(minutes)} minutes nothing captured or counted`);
  return parts;
}
