// mss files: files that the engine kept out of the traffic. Read from disk, as packets are, so that it works while nothing runs.
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { formatBytes } from '../../../src/console/format.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { renderTable } from '../../../src/console/search/text-table.ts';
import { MssError, messageOf } from '../../../src/errors.ts';
import { BadDigests } from '../../../src/ids/files/bad-digests.ts';
import { paths } from '../../../src/paths.ts';
import { listNoted, openFile } from '../../../src/store/files/file-folder.ts';

const COLUMNS = [
  { head: 'SEEN (UTC)' },
  { head: 'SHA-256' },
  { head: 'BYTES', right: true },
  { head: 'OVER' },
  { head: 'FROM' },
  { head: 'TO' },
  { head: 'NAME, KIND', flexible: true },
];
const LISTED = 100;

export function register(program: Command): void {
  const files = program.command('files').description('files that were kept out of the traffic (files.extract)');

  files
    .command('list', { isDefault: true })
    .description('the newest first')
    .option('--limit <n>', 'at most so many', String(LISTED))
    .option('--json', 'one JSON object a line')
    .action(({ limit, json = false }: { limit: string; json?: boolean }) => runCommand(json, () => list(limit, json)));

  files
    .command('get')
    .description('one of them; it may be harmful: nothing here opens it')
    .argument('<sha256>')
    .requiredOption('-w, --write <file>', 'where to; a file that is there already is left alone')
    .option('--json', 'one JSON object a line')
    .action((sha256: string, { write, json = false }: { write: string; json?: boolean }) =>
      runCommand(json, () => get(sha256.toLowerCase(), write, json)),
    );
}

function list(limit: string, json: boolean): void {
  if (!/^[1-9]\d{0,5}$/.test(limit)) throw new MssError('usage', `--limit ${limit}: write a number from 1 to 999999`);
  // a list may name today what was kept yesterday
  const { all: bad } = new BadDigests(paths, (text) => process.stderr.write(`${text}\n`));
  const found = listNoted(paths.filesDir, Number(limit)).map((file) => ({ ...file, bad: bad.has(file.sha256) }));
  if (json) for (const file of found) emit(true, { type: 'file', ...file });
  else if (found.length === 0)
    process.stderr.write('no files are kept; "mss config get files.extract" says which would be\n');
  else {
    const rows = found.map(({ sha256, bytes, seenMs, note, bad: isBad }) => [
      new Date(seenMs).toISOString().slice(0, 19).replace('T', ' '),
      sha256,
      formatBytes(bytes),
      note?.app ?? '',
      note?.from ?? '',
      note?.to ?? '',
      [isBad ? 'KNOWN BAD' : undefined, note?.name, note?.kind].filter((part) => part !== undefined).join(', '),
    ]);
    emit(false, { type: 'files' }, renderTable(COLUMNS, rows, process.stdout.columns ?? Number.POSITIVE_INFINITY));
  }
}

async function get(sha256: string, into: string, json: boolean): Promise<void> {
  const { fd, bytes } = openFile(paths.filesDir, sha256);
  const target = createWriteStream(into, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(createReadStream('', { fd }), target);
  } catch (cause) {
    throw new MssError('io', `cannot write ${into}: ${messageOf(cause)}`, { cause });
  }
  emit(json, { type: 'file', sha256, bytes, path: into }, `${into}: ${formatBytes(bytes)}`);
}
