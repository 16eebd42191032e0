// GET /api/ledger?from=T&to=T&last=1h&rows=N: the loss ledger, summed up into at most so many rows.
import type { LedgerAnswer } from '../../api/ledger.ts';
import { MssError } from '../../errors.ts';
import { parseTime } from '../../query/parse-time.ts';
import type { PortalApp, PortalParts } from '../parts.ts';

const PARAMETERS = ['from', 'to', 'last', 'rows'];
const DEFAULT_ROWS = 240;
const MOST_ROWS = 1500;

export function ledgerRoute(app: PortalApp, { readLedger }: PortalParts): void {
  app.get('/api/ledger', (c) => c.json(answer(c.req.query(), readLedger)));
}

/** @throws MssError 'query' or 'usage' naming the parameter */
function answer(query: Readonly<Record<string, string>>, read: PortalParts['readLedger']): LedgerAnswer {
  const unknown = Object.keys(query).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw new MssError('usage', `"${unknown}" is no parameter of the ledger; use ${PARAMETERS.join(', ')}`);
  }
  const { from, to = 'now', last, rows = String(DEFAULT_ROWS) } = query;
  if (last !== undefined && from !== undefined) throw new MssError('usage', 'give "from" or "last", not both');
  if (!/^\d{1,4}$/.test(rows) || Number(rows) < 1 || Number(rows) > MOST_ROWS) {
    throw new MssError('usage', `rows "${rows}" must be a number from 1 to ${MOST_ROWS}`);
  }
  const nowMs = Date.now();
  const ms = (text: string) => parseTime(text, nowMs * 1000) / 1000;
  return read({ fromMs: ms(from ?? `-${last ?? '1h'}`), toMs: ms(to) }, nowMs, Number(rows));
}
