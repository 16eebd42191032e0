// The loss ledger as portal, `mss ledger` and pages exchange it: what was offered, what became of it, and when nobody
// counted. Counts are packets where no other unit stands in the name.

/** The stored path: wire -> kernel ring -> packet log, as mss-capture counts it. */
export const STORED_COUNTS = [
  /** that reached the network card: received by it, or missed for want of room in it */
  'offered',
  /** of these lost in card or driver: `rx_missed_errors` and `rx_dropped` */
  'lostInCard',
  /** frames that came damaged (`rx_errors`): no packets, but there was something */
  'damaged',
  /** taken out of the kernel's ring */
  'received',
  'receivedBytes',
  /** lost because the ring was full */
  'lostInRing',
  /** left out by `capture.filter` or `capture.cutoff` */
  'filtered',
  /** of these by `capture.cutoff` */
  'beyondCutoff',
  'stored',
  'storedBytes',
  /** taken from the ring and then not written */
  'notWritten',
  /** deleted for newer ones */
  'prunedBytes',
  /** of these deleted although the configured quota had room: something else fills the disk */
  'prunedEarlyBytes',
] as const;

/** The inspected path: wire -> kernel ring -> Suricata -> records, as mss-ids counts it. */
export const INSPECTED_COUNTS = [
  /** that the kernel had for the engine, lost ones included */
  'offered',
  'lostInRing',
  'inspected',
  'inspectedBytes',
  /** that no decoder could make sense of */
  'invalid',
  /** TCP segments given up for want of memory */
  'memcapSegments',
  /** alerts of one packet beyond those it may have */
  'lostAlerts',
  'lostRecordBytes',
  'lostRecords',
  /** holes in TCP streams: segments that one end acknowledged and nobody here ever saw */
  'unseenSegments',
] as const;

export type Counts<Names extends readonly string[]> = Record<Names[number], number>;
export type StoredCounts = Counts<typeof STORED_COUNTS>;
export type InspectedCounts = Counts<typeof INSPECTED_COUNTS>;

/** What one path counted in a stretch of time. */
export interface Counted<C> {
  /** seconds of it in which somebody counted; less than the stretch: the rest is a gap */
  seconds: number;
  counts: C;
  /** the last reason why packets were not written */
  why?: string;
}

/** A stretch of time; a path that is missing was not counted in it: a gap, and not quiet. */
export interface LedgerRow {
  fromMs: number;
  minutes: number;
  stored?: Counted<StoredCounts>;
  inspected?: Counted<InspectedCounts>;
}

/** Minutes without any record. */
export interface LedgerGap {
  path: LedgerPath;
  fromMs: number;
  toMs: number;
  why: string;
}

export type LedgerPath = 'stored' | 'inspected';

/** Both paths over a whole time. */
export interface LedgerSum {
  /** when the first record was written; undefined: never */
  sinceMs?: number;
  stored?: Counted<StoredCounts>;
  inspected?: Counted<InspectedCounts>;
}

export interface LedgerAnswer {
  fromMs: number;
  toMs: number;
  rows: LedgerRow[];
  gaps: LedgerGap[];
  sum: LedgerSum;
  /** since the ledger began, whatever was asked for */
  ever: LedgerSum;
}

/** Packets of the stored path that were lost between wire and packet log, as far as anybody can count them. */
export const lostStored = ({ lostInCard, lostInRing, notWritten }: StoredCounts): number =>
  lostInCard + lostInRing + notWritten;

/** Packets that the engine should have seen and did not. */
export const lostInspected = ({ lostInRing, invalid }: InspectedCounts): number => lostInRing + invalid;

/**
 * An estimate of what was lost before it came to the card (in the mirror port, the switch, the virtual network): TCP
 * segments that were acknowledged and never seen, less those that card and ring account for. A hole counts once,
 * however long it is, and only TCP tells of holes: it is a least value. Undefined where nobody counted.
 */
export function lostBeforeCard({ stored, inspected }: Pick<LedgerRow, 'stored' | 'inspected'>): number | undefined {
  if (inspected === undefined) return undefined;
  const { unseenSegments, lostInRing, invalid } = inspected.counts;
  return Math.max(0, unseenSegments - lostInRing - invalid - (stored?.counts.lostInCard ?? 0));
}
