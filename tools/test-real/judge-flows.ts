// Stores a capture file and asks for each of its flows, and for filters made of its own addresses and ports: what is
// found must be what tshark and tcpdump find.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTuple } from '../../src/net/tuple.ts';
import { readCaptureFile } from '../../src/os/capture-file.ts';
import { type CapturedPacket, emptyReport } from '../../src/pcap/packet.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { PcapngEncoder } from '../../src/pcap/write-pcapng.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { tupleFilter } from '../../src/query/plan-packets.ts';
import { findPackets, type PacketQuery } from '../../src/store/find-packets.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { readTrueFlows, type TrueFlow } from './true-flows.ts';

/** Flows of a file that are asked for: spread over it. */
const MOST_FLOWS = 200;
const MOST_FILTERS = 12;

export interface FlowVerdict {
  flows: number;
  filters: number;
  /** what differs, a line each */
  wrong: string[];
}

/**
 * Judges one file. Its packets are stored with their number as time, so that both sides talk of the same ones.
 * @throws MssError `input` where it is no capture file
 */
export async function judgeFlows(path: string): Promise<FlowVerdict> {
  const folder = mkdtempSync(join(tmpdir(), 'mss-flows-'));
  try {
    const { linkTypes, packets } = await storeNumbered(path, folder);
    const truth = readTrueFlows(path);
    const isClear = (frame: number) => !truth.unclear.has(frame);
    const verdict: FlowVerdict = { flows: 0, filters: 0, wrong: [] };
    if (packets === 0) return verdict;
    const every = Math.max(1, Math.ceil(truth.flows.length / MOST_FLOWS));
    for (let i = 0; i < truth.flows.length; i += every) {
      const { tuple, frames } = truth.flows[i];
      verdict.flows++;
      const found = await ask(folder, { filter: tupleFilter(tuple) });
      const difference = compare(
        found.filter(isClear),
        frames.filter((frame) => isClear(frame) && frame <= packets),
      );
      if (difference !== '') verdict.wrong.push(`flow ${formatTuple(tuple)}: ${difference}`);
    }
    if (linkTypes.size === 1 && !truth.beyondTcpdump) {
      for (const words of filtersOf(truth.flows)) {
        const wanted = await askTcpdump(join(folder, COPY), words);
        if (wanted === undefined) continue;
        verdict.filters++;
        const found = await ask(folder, { filter: parseFilter(words) });
        const difference = compare(found.filter(isClear), wanted.filter(isClear));
        if (difference !== '') verdict.wrong.push(`filter "${words}": ${difference}`);
      }
    }
    return verdict;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const COPY = 'numbered.pcapng';

/** Into a store, and into one file beside it for tcpdump. */
async function storeNumbered(path: string, folder: string): Promise<{ linkTypes: Set<number>; packets: number }> {
  const writer = new StoreWriter(folder, 2 ** 20);
  const encoder = new PcapngEncoder();
  const copy = openSync(join(folder, COPY), 'wx');
  const linkTypes = new Set<number>();
  let packets = 0;
  try {
    writeSync(copy, encoder.start());
    for await (const packet of readCapture(readCaptureFile(path), emptyReport(), path)) {
      const numbered: CapturedPacket = { ...packet, timeNs: BigInt(++packets) * 1000n };
      linkTypes.add(packet.linkType);
      writer.appendPacket(numbered);
      writeSync(copy, encoder.encode(numbered));
    }
  } finally {
    closeSync(copy);
    writer.close();
  }
  return { linkTypes, packets };
}

async function ask(store: string, query: PacketQuery): Promise<number[]> {
  const frames: number[] = [];
  for await (const { timeNs } of findPackets(store, query)) frames.push(Number(timeNs / 1000n));
  return frames;
}

/** Undefined where tcpdump refuses: words that exclude one another, a link type that they mean nothing for. */
async function askTcpdump(file: string, words: string): Promise<number[] | undefined> {
  const { stdout, status } = spawnSync('tcpdump', ['-O', '-r', file, '-w', '-', words], { maxBuffer: 2 ** 30 });
  if (status !== 0 || stdout.length === 0) return undefined;
  const frames: number[] = [];
  const source = (async function* () {
    yield stdout;
  })();
  for await (const { timeNs } of readCapture(source)) frames.push(Number(timeNs / 1000n));
  return frames;
}

/** Words of all kinds about what is in the file. */
function filtersOf(flows: readonly TrueFlow[]): string[] {
  const picked = flows.filter((_, i) => i % Math.max(1, Math.ceil(flows.length / 3)) === 0);
  const filters = picked.flatMap(({ tuple: { src, dst, srcPort, dstPort, proto } }) => [
    `host ${src} and not port ${dstPort}`,
    `src ${dst} or dst port ${srcPort}`,
    `${proto === 6 ? 'tcp' : 'udp'} portrange ${Math.min(srcPort, dstPort)}-65535 and greater 100`,
    `not (net ${src}/${src.includes(':') ? 64 : 24} or less 90)`,
  ]);
  return ['tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'ip[8] < 60 and ip[2:2] > 200', ...filters].slice(0, MOST_FILTERS);
}

function compare(found: readonly number[], wanted: readonly number[]): string {
  const [ours, theirs] = [new Set(found), new Set(wanted)];
  const missing = wanted.filter((frame) => !ours.has(frame));
  const extra = found.filter((frame) => !theirs.has(frame));
  if (found.length !== ours.size) return `some of its ${found.length} packets come twice`;
  if (missing.length === 0 && extra.length === 0) return '';
  return `${wanted.length} wanted, missing ${missing.slice(0, 5).join()}, too many ${extra.slice(0, 5).join()}`;
}
