// mss packets: stored packets by flow, community id, filter words, content and time; as pcapng, as text, as the files
// that were transferred, or counted. What few questions need is loaded when one does.
import { once } from 'node:events';
import { Command, Option } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { PcapngOutput } from '../../../src/console/packets/pcapng-output.ts';
import { Progress } from '../../../src/console/packets/progress.ts';
import { readQuestions } from '../../../src/console/packets/read-question.ts';
import { MssError, messageOf } from '../../../src/errors.ts';
import { parseTuple } from '../../../src/net/tuple.ts';
import { readPacketKey, readUnlocked } from '../../../src/os/packet-key-files.ts';
import { findStorage } from '../../../src/os/storage-file.ts';
import { paths } from '../../../src/paths.ts';
import { StreamAssembler } from '../../../src/pcap/stream/assemble-streams.ts';
import { StreamText } from '../../../src/pcap/stream/stream-text.ts';
import type { Filter } from '../../../src/query/filter.ts';
import { parseFilter } from '../../../src/query/parse.ts';
import { parseTime } from '../../../src/query/parse-time.ts';
import { tupleFilter } from '../../../src/query/plan-packets.ts';
import { explainNothing, formatUs } from '../../../src/store/explain-nothing.ts';
import { emptyQueryReport, findPackets, type PacketQuery, type QueryReport } from '../../../src/store/find-packets.ts';
import type { PacketKey } from '../../../src/store/sealed/packet-keys.ts';

interface Options {
  store?: string;
  flow?: string;
  communityId?: string;
  filter?: string;
  regex?: string;
  ignoreCase?: boolean;
  from?: string;
  to?: string;
  around?: string;
  write?: string;
  text?: boolean;
  files?: string;
  progress?: boolean;
  key?: string[];
  wait?: boolean;
  json?: boolean;
}

const AROUND_US = 3600e6;
/** One that waits for a question and has grown over this leaves its memory to others. */
const MOST_IDLE_BYTES = 192 * 1024 * 1024;

export function register(program: Command): void {
  program
    .command('packets')
    .description('find stored packets')
    .option('--store <dir>', 'the packet store (default: the one that capture writes)')
    .option('--flow <tuple>', 'SRC,SPORT,DST,DPORT,PROTO: both directions, also in tunnels, and errors about it')
    .option('--community-id <id>', 'like 1:LQU9qZlK+B5F3KDmev6m5PMibrg=')
    .option('--filter <words>', "tcpdump's words: host, net, port, tcp, vlan, tcp[13] & 2 != 0, ...; inner host A")
    .option('--regex <re>', 'only conversations in which this matches (RE2 syntax); needs an address')
    .option('--ignore-case', 'capitals do not matter to --regex')
    .option('--from <time>', '2026-11-24T11:20:47Z, seconds since 1970, -15m, -2h, -7d')
    .option('--to <time>')
    .option('--around <time>', 'an hour before to an hour after')
    .option('-w, --write <file>', 'write them as pcapng; - is standard output')
    .option('--text', 'what both ends said, as text')
    .option('--files <dir>', 'the files transferred over HTTP, into this folder; - is a tar on standard output')
    .option('--key <file...>', 'private keys to encrypted packets, beside those that are unlocked')
    .option('--progress', 'JSON lines about the progress on standard error')
    .option('--json', 'one JSON object a line')
    // for a program that wants its answers at once: this one has started by the time it is asked
    .addOption(new Option('--wait', 'arguments come as JSON arrays on standard input, a line each').hideHelp())
    .action((options: Options) =>
      runCommand(options.json === true, () => (options.wait ? awaitAndShow() : findAndShow(options))),
    );
}

async function awaitAndShow(): Promise<void> {
  for await (const args of readQuestions(process.stdin)) {
    const before = process.stdout.bytesWritten;
    process.exitCode = 0;
    const program = new Command('mss');
    register(program);
    await program.parseAsync(args, { from: 'user' });
    const bytes = process.stdout.bytesWritten - before;
    const last = process.memoryUsage.rss() > MOST_IDLE_BYTES;
    process.stderr.write(`${JSON.stringify({ type: 'answered', code: process.exitCode, bytes, last })}\n`);
    if (last) return;
  }
}

async function findAndShow(options: Options): Promise<void> {
  const { json = false, write } = options;
  const onStdout = [
    ...(json ? ['--json'] : []),
    ...(write === '-' ? ['-w -'] : []),
    ...(options.files === '-' ? ['--files -'] : []),
    ...(options.text ? ['--text'] : []),
  ];
  if (onStdout.length > 1) {
    throw new MssError(
      'usage',
      `${onStdout.join(' and ')} want standard output: give one of them a file, or leave it out`,
    );
  }
  const dir = options.store ?? findStorage()?.dir ?? paths.packetFallback;
  const query = { ...planQuery(options, Date.now() * 1000), keys: readKeys(options.key ?? []) };
  const progress = new Progress(options.progress === true);
  const searched = emptyQueryReport();
  const contents =
    options.regex === undefined
      ? undefined
      : await (await import('../../../src/console/packets/search-contents.ts')).searchContents(
          dir,
          query,
          { pattern: options.regex, ignoreCase: options.ignoreCase === true },
          searched,
          progress,
          ({ timeNs, ...match }) => {
            const timeUs = Number(timeNs / 1000n);
            if (json || onStdout.length === 0) {
              emit(json, { type: 'match', ...match, timeUs }, `${formatUs(timeUs)} ${match.direction}: ${match.text}`);
            }
          },
        );
  const report = contents === undefined || contents.flows.size > 0 ? emptyQueryReport() : searched;
  const summary = { packets: 0, bytes: 0, firstUs: 0, lastUs: 0 };
  const output = write === undefined ? undefined : new PcapngOutput(write);
  const files =
    options.files === undefined
      ? undefined
      : new (await import('../../../src/console/packets/files-output.ts')).FilesOutput(options.files);
  const stream = options.text ? new StreamText() : undefined;
  const names = new StreamAssembler();
  const wanted = contents === undefined ? query : { ...query, toUs: contents.lastUs };
  if (contents === undefined || contents.flows.size > 0) {
    for await (const packet of findPackets(dir, wanted, report)) {
      progress.note('reading', report);
      if (contents !== undefined && !contents.flows.has(names.flowOf(packet) ?? '')) continue;
      const timeUs = Number(packet.timeNs / 1000n);
      if (summary.packets++ === 0) summary.firstUs = timeUs;
      summary.lastUs = timeUs;
      summary.bytes += packet.originalLength;
      await output?.add(packet);
      await files?.add(packet);
      if (stream !== undefined && !process.stdout.write(stream.add(packet))) await once(process.stdout, 'drain');
    }
  }
  progress.end();
  if (stream !== undefined && summary.packets > 0) process.stdout.write(`${stream.end()}\n`);
  await output?.end();
  await files?.end();
  for (const line of report.damage) process.stderr.write(`mss: ${line}\n`);
  if (contents !== undefined && contents.droppedFlows > 0) {
    process.stderr.write(`mss: it matches in ${contents.droppedFlows} more conversations, which were left out\n`);
  }
  const { segments, opened, scanned, candidates, damage } = report;
  const why =
    summary.packets > 0
      ? undefined
      : contents !== undefined && report.matched > 0
        ? `the expression is nowhere in the ${contents.bytes} bytes that ${report.matched} packets carry`
        : explainNothing(dir, query, report) + (options.store === undefined ? await explainLedger(query, report) : '');
  const found =
    why === undefined
      ? `${summary.packets} packets, ${summary.bytes} bytes, ${formatUs(summary.firstUs)} to ${formatUs(summary.lastUs)}`
      : `no packets: ${why}`;
  const carved =
    files === undefined
      ? ''
      : `\n${files.files} files carved${files.skippedFiles > 0 ? `, ${files.skippedFiles} left out by the limits` : ''}`;
  const text = `${found}${carved}\n(${opened} of ${segments} segments opened, ${candidates} packets looked at)`;
  if (!json && onStdout.length > 0) process.stderr.write(`${text}\n`);
  else {
    const counts = { segments, searched: report.searched, opened, scanned, candidates, damage };
    emit(json, { type: 'summary', ...summary, store: dir, ...counts, files: files?.files, why }, text);
  }
}

/** What the loss ledger says about the time asked for; nothing where there is none. */
async function explainLedger({ fromUs = 0, toUs }: PacketQuery, { firstNs }: QueryReport): Promise<string> {
  const nowMs = Date.now();
  const dirs = { stored: paths.ledgerDir('capture'), inspected: paths.ledgerDir('ids') };
  const asked = {
    fromMs: fromUs / 1000,
    toMs: toUs === undefined ? nowMs : toUs / 1000,
    oldestMs: firstNs === undefined ? undefined : Number(firstNs / 1_000_000n),
    nowMs,
  };
  try {
    const [{ explainMissing }, { readLedger }, { loadConfig }] = await Promise.all([
      import('../../../src/console/packets/explain-missing.ts'),
      import('../../../src/ledger/read-ledger.ts'),
      import('../../../src/os/config-file.ts'),
    ]);
    const read = (fromMs: number, toMs: number) => readLedger(dirs, { fromMs, toMs }, nowMs, 1);
    return explainMissing(read, asked, loadConfig().config.capture);
  } catch (error) {
    return `; whether packets were lost is not known: ${messageOf(error)}`;
  }
}

/** Those given, and those that are unlocked for all. */
function readKeys(files: readonly string[]): PacketKey[] {
  return [...files.map(readPacketKey), ...readUnlocked(paths.unlockedKeysDir, Date.now())];
}

function planQuery(options: Options, nowUs: number): PacketQuery {
  const terms: Filter[] = [];
  if (options.flow !== undefined) terms.push(tupleFilter(parseTuple(options.flow)));
  if (options.communityId !== undefined) terms.push(parseFilter(`community-id ${options.communityId}`));
  if (options.filter !== undefined) terms.push(parseFilter(options.filter));
  const filter: Filter = terms.length === 0 ? { op: 'all' } : terms.length === 1 ? terms[0] : { op: 'and', terms };
  if (options.around !== undefined) {
    if (options.from !== undefined || options.to !== undefined) {
      throw new MssError('usage', '--around says both ends of the time: leave --from and --to out');
    }
    const middleUs = parseTime(options.around, nowUs);
    return { filter, fromUs: middleUs - AROUND_US, toUs: middleUs + AROUND_US };
  }
  return {
    filter,
    fromUs: options.from === undefined ? undefined : parseTime(options.from, nowUs),
    toUs: options.to === undefined ? undefined : parseTime(options.to, nowUs),
  };
}
