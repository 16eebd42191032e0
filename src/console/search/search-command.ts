// The one shape of `mss alerts`, `mss flows`, `mss hosts`, `mss logs` and `mss incidents`.
import type { Command } from 'commander';
import { findCampaigns, renderCampaign } from '../../api/campaign.ts';
import type { Origins } from '../../api/origin.ts';
import type { SearchRow, SearchTable } from '../../api/rows.ts';
import { paths } from '../../paths.ts';
import { emit, runCommand } from '../output.ts';
import { askOrigins, askPortal } from './ask-portal.ts';
import { renderRows } from './render-rows.ts';

interface Options {
  from?: string;
  to?: string;
  last?: string;
  limit?: string;
  json?: boolean;
  enrich?: boolean;
}

/** Registers the verb named like its table. @param example filter words that have a meaning there */
export function registerSearch(
  program: Command,
  table: Exclude<SearchTable, 'events'>,
  description: string,
  example: string,
): void {
  program
    .command(table)
    .description(description)
    .argument('[filter...]', `filter words, like: ${example}`)
    .option('--from <time>', '2026-11-24T11:20:47Z, seconds since 1970, -15m, -2h, -7d')
    .option('--to <time>')
    .option('--last <time>', 'the last 90s, 15m, 2h or 7d')
    .option('--limit <n>', 'at most so many rows (default: 100)')
    .option('--enrich', 'with country and AS of the addresses, as the sensor knows them (hosts: always)')
    .option('--json', 'one JSON object a line')
    .action((words: string[], options: Options) =>
      runCommand(options.json === true, async () => {
        const { json = false, enrich = table === 'hosts', ...times } = options;
        const filter = words.map(quoteAgain).join(' ');
        const page = await askPortal(paths.portalSocket, table, { filter, ...times });
        const origins = enrich ? await askOrigins(paths.portalSocket, page.rows.flatMap(addressesOf)) : {};
        if (json) for (const row of page.rows) emit(true, enrich ? { ...row, origins: pick(origins, row) } : row);
        else if (page.rows.length > 0) {
          emit(false, { type: table }, renderRows(table, page.rows, screenWidth(), origins));
        }
        const incidents = page.rows.flatMap((row) => (row.type === 'incident' ? row.incident : []));
        for (const campaign of findCampaigns(incidents)) {
          emit(json, { type: 'campaign', ...campaign }, renderCampaign(campaign));
        }
        if (page.nothing !== undefined) process.stderr.write(`${page.nothing}\n`);
        if (page.more) process.stderr.write('there are more; ask for less time, or with --limit\n');
      }),
    );
}

/** The addresses that a row is about. */
function addressesOf(row: SearchRow): string[] {
  const { src_ip, dest_ip } = 'eve' in row ? row.eve : {};
  const { actors } = row.type === 'incident' ? row.incident : {};
  const found = [src_ip, dest_ip, row.type === 'host' ? row.address : undefined, ...Object.values(actors ?? {}).flat()];
  return found.filter((address): address is string => address !== undefined);
}

const pick = (origins: Origins, row: SearchRow): Origins =>
  Object.fromEntries(addressesOf(row).flatMap((address) => (address in origins ? [[address, origins[address]]] : [])));

/** The shell took the quotation marks of "quoted text" away: a word with blanks can only have been one. */
function quoteAgain(word: string, _index: number, words: string[]): string {
  if (words.length === 1 || !/\s/.test(word) || word.includes('"')) return word;
  return `"${word.replaceAll(/[\\"]/g, '\\$&')}"`;
}

const screenWidth = (): number => process.stdout.columns ?? Number.POSITIVE_INFINITY;
