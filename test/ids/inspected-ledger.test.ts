// What the inspected path's ledger makes of the engine's statistics, over restarts of engine and ids.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { INSPECTED_COUNTS } from '../../src/api/ledger.ts';
import { readEngineStats } from '../../src/ids/engine-stats.ts';
import { InspectedLedger } from '../../src/ids/inspected-ledger.ts';
import { readMinutes } from '../../src/ledger/ledger-sums.ts';

const FIRST = 29_000_000;

let dir: string;
let warnings: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-ledger-'));
  warnings = [];
});
afterEach(() => {
  expect(warnings).toEqual([]);
  rmSync(dir, { recursive: true });
});

const open = () => new InspectedLedger(dir, (text) => warnings.push(text));
const read = () => readMinutes(dir, INSPECTED_COUNTS, FIRST - 10, FIRST + 1000);

/** Statistics of so many seconds behind the first minute. */
function say(ledger: InspectedLedger, second: number, uptime: number, kernel_packets: number, lostRecords = 0): void {
  const stats = {
    uptime,
    capture: { kernel_packets, kernel_drops: Math.floor(kernel_packets / 100) },
    decoder: { pkts: kernel_packets, bytes: 0, invalid: 1 },
    tcp: { reassembly_gap: Math.floor(kernel_packets / 50) },
    detect: { alert: 0, alert_queue_overflow: 0 },
  };
  const record = { timestamp: '', event_type: 'stats', stats };
  ledger.take(readEngineStats(record)!, (FIRST * 60 + second) * 1e6, { lostRecordBytes: 0, lostRecords });
}
const offered = () => read().map(({ minute, counts }) => [minute - FIRST, counts.offered]);

test('growth between statistics, in the minute they are of', () => {
  const ledger = open();
  say(ledger, 10, 1000, 50_000); // what was before is nobody's minute
  say(ledger, 18, 1008, 50_200);
  say(ledger, 66, 1056, 51_000, 3);
  ledger.close();
  expect(read()).toMatchObject([
    { minute: FIRST, counts: { offered: 200, lostInRing: 2, unseenSegments: 4, invalid: 0, lostRecords: 0 } },
    { minute: FIRST + 1, seconds: 48, counts: { offered: 800, lostInRing: 8, unseenSegments: 16, lostRecords: 3 } },
  ]);
});

test('an engine that was restarted counts from zero, though it may show more than before', () => {
  const ledger = open();
  say(ledger, 0, 1000, 500);
  say(ledger, 60, 8, 70);
  say(ledger, 660, 300, 9000); // gone again meanwhile, and back
  say(ledger, 668, 308, 9001);
  ledger.close();
  expect(offered()).toEqual([
    [0, 0],
    [1, 70],
    [11, 9001],
  ]);
});

test('a clock set by hours does not make another engine of it', () => {
  const ledger = open();
  say(ledger, 0, 100, 500);
  say(ledger, 30_000, 108, 600);
  ledger.close();
  expect(offered()).toEqual([
    [0, 0],
    [500, 100],
  ]);
});

test('what came while ids was down is counted once, killed or stopped', () => {
  const first = open();
  say(first, 0, 100, 500);
  say(first, 8, 108, 700);
  say(first, 64, 164, 900);
  // killed: the second minute is not written, and its statistics come again
  const second = open();
  say(second, 8, 108, 700);
  say(second, 64, 164, 900);
  say(second, 72, 172, 950);
  second.close();
  expect(offered()).toEqual([
    [0, 200],
    [1, 250],
  ]);
  const third = open();
  say(third, 72, 172, 950);
  say(third, 600, 700, 2000);
  third.close();
  expect(offered().at(-1)).toEqual([10, 1050]);
});
