// npm run bench:query [GB...]: how long a question to a packet store takes as the store grows, cold and warm, beside
// tcpdump over the same files. The store is written by the product's own writer and removed at the end.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Progress } from '../../src/console/packets/progress.ts';
import { searchContents } from '../../src/console/packets/search-contents.ts';
import { MssError } from '../../src/errors.ts';
import type { Tuple } from '../../src/net/tuple.ts';
import type { Filter } from '../../src/query/filter.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { tupleFilter } from '../../src/query/plan-packets.ts';
import { emptyQueryReport, findPackets, type PacketQuery } from '../../src/store/find-packets.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { figure, main } from '../shell.ts';
import { withPortal } from './query/http.ts';
import { forgetFiles, type Percentiles, settleFiles, sideBytes, timeEach, timeTcpdump } from './query/measure.ts';
import { MARK, Traffic } from './query/traffic.ts';

const GB = 1e9;
/** left for everybody else on the disk */
const SPARE_BYTES = 15 * GB;
const WARM_ROUNDS = 200;
const COLD_ROUNDS = 40;
/** between a person's downloads */
const PERSON_MS = 300;

interface Kind {
  name: string;
  /** how often; a question that reads gigabytes is put a few times */
  warm: number;
  cold: number;
  ask(sample: { tuple: Tuple; timeNs: bigint }): PacketQuery;
  /** what tcpdump is asked instead */
  words?(sample: { tuple: Tuple }): string;
}

const hour = (timeNs: bigint) => ({
  fromUs: Number(timeNs / 1000n) - 1800e6,
  toUs: Number(timeNs / 1000n) + 1800e6,
});
const word = (text: string): Filter => parseFilter(text);

const KINDS: readonly Kind[] = [
  {
    name: 'flow',
    warm: WARM_ROUNDS,
    cold: COLD_ROUNDS,
    ask: ({ tuple }) => ({ filter: tupleFilter(tuple) }),
    words: ({ tuple }) => `host ${tuple.src} and host ${tuple.dst} and port ${tuple.srcPort} and port ${tuple.dstPort}`,
  },
  {
    name: 'host-hour',
    warm: 30,
    cold: 10,
    ask: ({ tuple, timeNs }) => ({ filter: word(`host ${tuple.src}`), ...hour(timeNs) }),
    words: ({ tuple }) => `host ${tuple.src}`,
  },
  {
    name: 'bpf',
    warm: 5,
    cold: 3,
    ask: ({ tuple }) => ({ filter: word(`tcp and net ${tuple.dst}/28 and dst port 8443 and greater 500`) }),
    words: ({ tuple }) => `tcp and net ${tuple.dst.replace(/\d+$/, '0')}/28 and dst port 8443 and greater 500`,
  },
];

/** Contents of one outside host's conversations in an hour. */
async function searchRegex(dir: string, { tuple, timeNs }: { tuple: Tuple; timeNs: bigint }): Promise<void> {
  const query = { filter: word(`host ${tuple.dst}`), ...hour(timeNs) };
  const search = { pattern: `${MARK.slice(0, -1)}[0-9]`, ignoreCase: false };
  await searchContents(dir, query, search, emptyQueryReport(), new Progress(false), () => {});
}

/** @returns how many segments it opened */
async function readAll(dir: string, query: PacketQuery): Promise<number> {
  const report = emptyQueryReport();
  let bytes = 0;
  for await (const { data } of findPackets(dir, query, report)) bytes += data.length;
  if (bytes === 0 && query.filter.op === 'flow') throw new Error('a flow of the sample was not found');
  return report.opened;
}

/** Writes until the store has grown to `bytes`. */
function grow(writer: StoreWriter, traffic: Traffic, bytes: number): void {
  while (writer.summary.bytes < bytes) writer.appendPacket(traffic.next());
}

function row(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(10))).join(' ')}\n`);
}

type Ask = (sample: Traffic['sample'][number]) => Promise<void>;

async function measure(dir: string, { sample }: Traffic, label: string): Promise<void> {
  const pick = (count: number) => Array.from({ length: count }, (_, i) => sample[(i * 37) % sample.length]);
  const time = async (name: string, counts: { warm: number; cold: number }, ask: Ask, pauseMs = 0) => {
    const pause = () => (pauseMs > 0 ? sleep(pauseMs) : undefined);
    const cold = await timeEach(pick(counts.cold), ask, () => {
      forgetFiles(dir);
      return pause();
    });
    await timeEach(pick(counts.warm), ask);
    const warm = await timeEach(pick(counts.warm), ask, pause);
    const show = ({ p50Ms, p95Ms }: Percentiles) => [p50Ms.toFixed(2), p95Ms.toFixed(2)];
    row([name, label, ...show(cold), ...show(warm)]);
    for (const [state, { p50Ms, p95Ms }] of Object.entries({ cold, warm })) {
      figure(`query-${name}-p50-${state}-${label}`, p50Ms, 'ms');
      figure(`query-${name}-p95-${state}-${label}`, p95Ms, 'ms');
    }
  };
  for (const kind of KINDS) {
    const opened: number[] = [];
    await time(kind.name, kind, async (one) => {
      opened.push(await readAll(dir, kind.ask(one)));
    });
    figure(`query-${kind.name}-segments-${label}`, opened.reduce((sum, n) => sum + n) / opened.length, 'opened');
  }
  await time('regex', { warm: 5, cold: 3 }, (one) => searchRegex(dir, one));
  await withPortal(dir, async (download) => {
    const ask: Ask = ({ tuple }) => download(tuple);
    await time('http-burst', { warm: 20, cold: 10 }, ask);
    await time('flow-http', { warm: 20, cold: 10 }, ask, PERSON_MS);
  });
}

await main(async () => {
  const sizes = process.argv.slice(2).map(Number);
  if (sizes.some((size) => !(size > 0))) throw new MssError('usage', 'write sizes in GB: npm run bench:query 1 5 10');
  const wanted = sizes.length > 0 ? sizes : [1, 5, 10];
  const dir = mkdtempSync(join(tmpdir(), 'mss-bench-query-'));
  try {
    const { bavail, bsize } = statfsSync(dir);
    if (Math.max(...wanted) * GB + SPARE_BYTES > bavail * bsize) {
      throw new MssError('io', `${dir} has ${Math.floor((bavail * bsize) / GB)} GB free: ask for less`);
    }
    const traffic = new Traffic();
    let before = 0;
    row(['question', 'store', 'cold p50', 'p95', 'warm p50', 'p95 ms']);
    for (const size of wanted) {
      const writer = new StoreWriter(dir);
      grow(writer, traffic, (size - before) * GB);
      const { packets, bytes } = writer.close();
      settleFiles(dir);
      before = size;
      const label = `${size}gb`;
      await measure(dir, traffic, label);
      const side = sideBytes(dir);
      figure(`query-index-share-${label}`, (100 * side) / (size * GB), '%');
      process.stdout.write(`${packets} packets of ${Math.round(bytes / packets)} bytes added\n`);
    }
    const words = KINDS[0].words?.(traffic.sample[0]) ?? '';
    forgetFiles(dir);
    const label = `${wanted.at(-1)}gb`;
    figure(`query-tcpdump-cold-${label}`, timeTcpdump(dir, words) * 1000, 'ms');
    figure(`query-tcpdump-warm-${label}`, timeTcpdump(dir, words) * 1000, 'ms');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
