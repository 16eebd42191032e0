// mss packets: stored packets by flow, community id, filter words and time; as a pcapng file, as text, or counted.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { parseTuple } from '../../../src/net/tuple.ts';
import { findStorage } from '../../../src/os/storage-file.ts';
import { paths } from '../../../src/paths.ts';
import type { CapturedPacket } from '../../../src/pcap/packet.ts';
import { StreamText } from '../../../src/pcap/stream-text.ts';
import { PcapngEncoder } from '../../../src/pcap/write-pcapng.ts';
import type { Filter } from '../../../src/query/filter.ts';
import { parseFilter } from '../../../src/query/parse.ts';
import { parseTime } from '../../../src/query/parse-time.ts';
import { tupleFilter } from '../../../src/query/plan-packets.ts';
import { explainNothing, formatUs } from '../../../src/store/explain-nothing.ts';
import { emptyQueryReport, findPackets, type PacketQuery } from '../../../src/store/find-packets.ts';

interface Options {
  store?: string;
  flow?: string;
  communityId?: string;
  filter?: string;
  from?: string;
  to?: string;
  write?: string;
  text?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('packets')
    .description('find stored packets')
    .option('--store <dir>', 'the packet store (default: the one that capture writes)')
    .option('--flow <tuple>', 'SRC,SPORT,DST,DPORT,PROTO: both directions')
    .option('--community-id <id>', 'like 1:LQU9qZlK+B5F3KDmev6m5PMibrg=')
    .option('--filter <words>', "tcpdump's words: host, net, port, tcp, vlan, ...")
    .option('--from <time>', '2026-11-24T11:20:47Z, seconds since 1970, -15m, -2h, -7d')
    .option('--to <time>')
    .option('-w, --write <file>', 'write them as pcapng; - is standard output')
    .option('--text', 'what both ends said, as text')
    .option('--json', 'one JSON object a line')
    .action((options: Options) => runCommand(options.json === true, () => findAndShow(options)));
}

async function findAndShow(options: Options): Promise<void> {
  const { json = false, write } = options;
  if (json && write === '-') throw new MssError('usage', '--json and -w - both want standard output: give -w a file');
  if (json && options.text) throw new MssError('usage', '--json and --text both want standard output: leave one out');
  const dir = options.store ?? findStorage()?.dir ?? paths.packetFallback;
  const query = planQuery(options, Date.now() * 1000);
  const report = emptyQueryReport();
  const summary = { packets: 0, bytes: 0, firstUs: 0, lastUs: 0 };
  const output = write === undefined ? undefined : new PcapngOutput(write);
  const stream = options.text ? new StreamText() : undefined;
  for await (const packet of findPackets(dir, query, report)) {
    const timeUs = Number(packet.timeNs / 1000n);
    if (summary.packets++ === 0) summary.firstUs = timeUs;
    summary.lastUs = timeUs;
    summary.bytes += packet.originalLength;
    if (output !== undefined) await output.add(packet);
    if (stream !== undefined) process.stdout.write(stream.add(packet));
  }
  if (stream !== undefined) process.stdout.write(`${stream.end()}\n`);
  await output?.end();
  for (const line of report.damage) process.stderr.write(`mss: ${line}\n`);
  const { segments, searched, scanned, candidates, damage } = report;
  const why = summary.packets === 0 ? explainNothing(dir, query, report) : undefined;
  const found =
    why === undefined
      ? `${summary.packets} packets, ${summary.bytes} bytes, ${formatUs(summary.firstUs)} to ${formatUs(summary.lastUs)}`
      : `no packets: ${why}`;
  const text = `${found}\n(${searched} of ${segments} segments searched, ${candidates} packets looked at)`;
  if (write === '-') process.stderr.write(`${text}\n`);
  else
    emit(
      json,
      { type: 'summary', ...summary, store: dir, segments, searched, scanned, candidates, damage, why } as {
        type: string;
      },
      text,
    );
}

function planQuery(options: Options, nowUs: number): PacketQuery {
  const terms: Filter[] = [];
  if (options.flow !== undefined) terms.push(tupleFilter(parseTuple(options.flow)));
  if (options.communityId !== undefined) terms.push(parseFilter(`community-id ${options.communityId}`));
  if (options.filter !== undefined) terms.push(parseFilter(options.filter));
  return {
    filter: terms.length === 0 ? { op: 'all' } : terms.length === 1 ? terms[0] : { op: 'and', terms },
    fromUs: options.from === undefined ? undefined : parseTime(options.from, nowUs),
    toUs: options.to === undefined ? undefined : parseTime(options.to, nowUs),
  };
}

/** Packets to a pcapng stream, no faster than its reader takes them. */
class PcapngOutput {
  readonly #stream: Writable;
  readonly #encoder = new PcapngEncoder();
  readonly #failed: Promise<never>;

  constructor(file: string) {
    this.#stream = file === '-' ? process.stdout : createWriteStream(file);
    this.#failed = new Promise((_, reject) => {
      this.#stream.once('error', (cause) =>
        reject(new MssError('io', `cannot write ${file}: ${cause.message}`, { cause })),
      );
    });
    this.#failed.catch(() => {}); // reported by whoever waits for it
    this.#stream.write(this.#encoder.start());
  }

  async add(packet: CapturedPacket): Promise<void> {
    if (!this.#stream.write(this.#encoder.encode(packet)))
      await Promise.race([once(this.#stream, 'drain'), this.#failed]);
  }

  async end(): Promise<void> {
    const done = new Promise<void>((resolve) => {
      if (this.#stream === process.stdout) this.#stream.write('', () => resolve());
      else this.#stream.end(resolve);
    });
    await Promise.race([done, this.#failed]);
  }
}
