// What may have kept packets out of the store that a query did not find: the loss ledger's answer, in sentences.
import { type LedgerAnswer, lostStored } from '../../api/ledger.ts';

/**
 * Sentences to put behind "no packets"; empty where nothing was kept out.
 * @param ledger of the time that was asked for
 * @param capture what it stores only, or empty, and how many bytes of a flow, or 0 for all
 */
export function explainMissing(
  { sum, gaps }: Pick<LedgerAnswer, 'sum' | 'gaps'>,
  capture: { filter: string; cutoff: number },
): string {
  const { stored } = sum;
  const parts: string[] = [];
  if (stored !== undefined) {
    const { filtered, beyondCutoff, prunedBytes, prunedEarlyBytes } = stored.counts;
    const lost = lostStored(stored.counts);
    const byFilter = filtered - beyondCutoff;
    if (byFilter > 0) parts.push(`${byFilter} packets were filtered: capture stores only "${capture.filter}"`);
    if (beyondCutoff > 0) {
      parts.push(
        `${beyondCutoff} packets were beyond the first ${capture.cutoff} bytes of their flow (capture.cutoff)`,
      );
    }
    if (lost > 0) parts.push(`${lost} packets were lost before they were stored`);
    if (prunedBytes > 0) {
      const early = prunedEarlyBytes > 0 ? ', some of it early, since something else fills the disk' : '';
      parts.push(`${Math.ceil(prunedBytes / 1e6)} MB of the oldest packets were pruned${early}`);
    }
  }
  const minutes = gaps
    .filter(({ path }) => path === 'stored')
    .reduce((total, { fromMs, toMs }) => total + (toMs - fromMs) / 60_000, 0);
  if (minutes >= 1) parts.push(`in ${Math.round(minutes)} minutes nothing captured or counted`);
  return parts.length === 0 ? '' : `; in the time asked for ${parts.join('; ')}`;
}
