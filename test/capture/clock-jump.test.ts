// The clock is set while packets come: segments, their indexes and queries by time stay right. And a place that may not
// be written to is not.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlockRewriter } from '../../src/capture/block-rewriter.ts';
import { RingStore, STAGING_BYTES } from '../../src/capture/ring-store.ts';
import { pageAlignedBuffer } from '../../src/os/packet-socket.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { emptyQueryReport, findPackets } from '../../src/store/find-packets.ts';
import { createFlowIndexMemory, FlowIndex } from '../../src/store/flow-index.ts';
import { renderIndex } from '../../src/store/render-index.ts';
import { sealSegment } from '../../src/store/segment-files.ts';
import { renderSegmentHeader } from '../../src/store/segment-header.ts';
import { frame } from '../pcap/frames.ts';
import { fillBlock } from './ring-block.ts';

const BLOCK_BYTES = 65_536;
const START_S = 1_700_000_000;
const HOUR_S = 3600;
const YEAR_S = 365 * 24 * HOUR_S;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-clock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function openStore(checkPlace?: () => void): RingStore {
  const store = new RingStore({
    header: renderSegmentHeader([{ linkType: 1 }]),
    staging: pageAlignedBuffer(STAGING_BYTES),
    wanted: undefined,
    takeIndex: () => {
      const index = new FlowIndex(createFlowIndexMemory(10, 1000));
      index.begin(1);
      return index;
    },
    checkPlace,
    onSegmentEnd: ({ number, index, bytes }) => sealSegment(dir, number, renderIndex(index, bytes)),
  });
  store.setDir(dir, 1 << 20);
  return store;
}

/** One block with a packet of its own flow at each of these times. */
function storeBlock(store: RingStore, seconds: readonly number[]): void {
  const frames = seconds.map((second) => ({
    data: frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 17, srcPort: 1, dstPort: second % 65_536 }),
    second,
    nanosecond: 5,
  }));
  const ring = fillBlock(frames, BLOCK_BYTES);
  const rewriter = new BlockRewriter(ring);
  store.storeBlock({ u8: new Uint8Array(ring), u32: new Uint32Array(ring), rewriter, interfaceId: 0 }, 0);
}

async function timesFrom(fromS: number, toS: number): Promise<number[]> {
  const report = emptyQueryReport();
  const seconds: number[] = [];
  const query = { filter: parseFilter(''), fromUs: fromS * 1e6, toUs: toS * 1e6 };
  for await (const { timeNs } of findPackets(dir, query, report)) seconds.push(Number(timeNs / 1_000_000_000n));
  expect(report.damage).toEqual([]);
  return seconds.sort((a, b) => a - b);
}

test('set forward and back, by an hour and by a year, between blocks and inside of one', async () => {
  const blocks = [
    [START_S, START_S + 1],
    [START_S + HOUR_S],
    [START_S - HOUR_S, START_S - HOUR_S + 1],
    [START_S + YEAR_S],
    [START_S + 2],
    [START_S + 3, START_S + YEAR_S + 3, START_S - YEAR_S, START_S + 4],
  ];
  const store = openStore();
  for (const seconds of blocks) storeBlock(store, seconds);
  store.endSegment();
  const all = blocks.flat().sort((a, b) => a - b);
  expect(await timesFrom(0, 4e9)).toEqual(all);
  for (const second of all) expect(await timesFrom(second, second + 0.5)).toEqual([second]);
  expect(await timesFrom(START_S - HOUR_S, START_S + HOUR_S + 1)).toEqual(
    all.filter((second) => Math.abs(second - START_S) <= HOUR_S),
  );
});

test('a segment spans no more than its index can tell apart: a jump of a year begins another one', () => {
  const store = openStore();
  for (const second of [START_S, START_S + HOUR_S, START_S + YEAR_S, START_S]) storeBlock(store, [second]);
  store.endSegment();
  expect(readdirSync(dir).filter((name) => name.endsWith('.pcapng'))).toHaveLength(3);
});

test('where no segment may begin, nothing is created', () => {
  const store = openStore(() => {
    throw new Error('nothing is mounted there');
  });
  expect(() => storeBlock(store, [START_S])).toThrow('nothing is mounted there');
  expect(readdirSync(dir)).toEqual([]);
});
