// mss ledger: what was offered, stored, inspected and lost, minute by minute, and when nobody counted.
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { renderLedger } from '../../../src/console/render-ledger.ts';
import { readLedger } from '../../../src/ledger/read-ledger.ts';
import { paths } from '../../../src/paths.ts';
import { parseTime } from '../../../src/query/parse-time.ts';

interface Options {
  from: string;
  to: string;
  json?: boolean;
}

/** A table for a person; programs get every minute. */
const TEXT_ROWS = 120;

export function register(program: Command): void {
  program
    .command('ledger')
    .description('the loss ledger: packets offered, stored, inspected and lost, and when nobody counted')
    .option('--from <time>', '2026-11-24T11:20:47Z, seconds since 1970, -15m, -2h, -7d', '-1h')
    .option('--to <time>', 'likewise', 'now')
    .option('--json', 'one JSON object a line')
    .action((options: Options) => runCommand(options.json === true, () => show(options)));
}

function show({ from, to, json = false }: Options): void {
  const nowMs = Date.now();
  const ms = (text: string) => parseTime(text, nowMs * 1000) / 1000;
  const dirs = { stored: paths.ledgerDir('capture'), inspected: paths.ledgerDir('ids') };
  const range = { fromMs: ms(from), toMs: ms(to) };
  const answer = readLedger(dirs, range, nowMs, json ? Number.POSITIVE_INFINITY : TEXT_ROWS);
  if (!json) {
    emit(false, { type: 'ledger' }, renderLedger(answer));
    return;
  }
  for (const row of answer.rows) emit(true, { type: 'minute', ...row });
  for (const gap of answer.gaps) emit(true, { type: 'gap', ...gap });
  const { fromMs, toMs, sum, ever } = answer;
  emit(true, { type: 'summary', fromMs, toMs, sum, ever });
}
