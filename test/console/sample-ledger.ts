// The loss ledger's last hour of a sensor that counted all the time and lost nothing; what is given is laid over it.
import {
  INSPECTED_COUNTS,
  type InspectedCounts,
  type LedgerAnswer,
  type LedgerGap,
  STORED_COUNTS,
  type StoredCounts,
} from '../../src/api/ledger.ts';
import { noCounts } from '../../src/ledger/ledger-minute.ts';

const HOUR_MS = 3_600_000;

export function sampleLedger(
  nowMs: number,
  stored: Partial<StoredCounts> = {},
  inspected: Partial<InspectedCounts> = {},
  gaps: LedgerGap[] = [],
): LedgerAnswer {
  const sum = {
    stored: { seconds: 3600, counts: { ...noCounts(STORED_COUNTS), offered: 10_000, stored: 10_000, ...stored } },
    inspected: {
      seconds: 3600,
      counts: { ...noCounts(INSPECTED_COUNTS), offered: 10_000, inspected: 10_000, ...inspected },
    },
  };
  return {
    fromMs: nowMs - HOUR_MS,
    toMs: nowMs,
    rows: [{ fromMs: nowMs - HOUR_MS, minutes: 60, ...sum }],
    gaps,
    sum,
    ever: { sinceMs: nowMs - 48 * HOUR_MS, ...sum },
  };
}
