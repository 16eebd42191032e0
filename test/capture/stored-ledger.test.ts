// What the stored path's ledger makes of counters: of the service, of network cards, and of time in which nobody looks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STORED_COUNTS } from '../../src/api/ledger.ts';
import type { NicCounters } from '../../src/capture/nic-counters.ts';
import { StoredLedger } from '../../src/capture/stored-ledger.ts';
import { readMinutes } from '../../src/ledger/ledger-sums.ts';

const FIRST = 29_000_000;
const MINUTE = 60_000;

let dir: string;
let card: NicCounters;
let warnings: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-ledger-'));
  card = { interfaceIndex: 3, up: true, offeredPackets: 1_000_000, droppedPackets: 50, damagedFrames: 0 };
  warnings = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = () =>
  new StoredLedger(
    dir,
    (name) => (name === 'mirror' ? card : undefined),
    (text) => warnings.push(text),
  );
const read = () => readMinutes(dir, STORED_COUNTS, FIRST - 10, FIRST + 10);

test('cards count from the first look, the service from its start, and a new card from zero', () => {
  const ledger = open();
  const interfaces = ['mirror'];
  const start = FIRST * MINUTE;
  ledger.take({ interfaces, counters: { receivedPackets: 10, storedPackets: 10 } }, start + 20_000, 0);
  card = { ...card, offeredPackets: 1_000_100, droppedPackets: 53 };
  const counters = { receivedPackets: 100, storedPackets: 80, ringDroppedPackets: 7, unwrittenPackets: 20 };
  ledger.take({ interfaces, counters, trouble: 'no space left' }, start + 50_000, 30_000);
  // nothing of this is looked at yet: it is too soon
  ledger.take({ interfaces, counters: { ...counters, storedPackets: 1e9 } }, start + 51_000, 31_000);
  card = { interfaceIndex: 9, up: true, offeredPackets: 40, droppedPackets: 2, damagedFrames: 1 };
  ledger.close({ interfaces, counters }, start + MINUTE + 5000, 45_000);
  expect(read()).toMatchObject([
    {
      minute: FIRST,
      seconds: 30,
      why: 'no space left',
      counts: { offered: 100, lostInCard: 3, received: 100, stored: 80, lostInRing: 7, notWritten: 20 },
    },
    { minute: FIRST + 1, seconds: 15, counts: { offered: 40, lostInCard: 2, damaged: 1, stored: 0 } },
  ]);
  expect(warnings).toEqual([]);
});

test('time without an interface is watched by nobody', () => {
  const ledger = open();
  const counters = { receivedPackets: 5 };
  ledger.take({ interfaces: [], counters }, FIRST * MINUTE, 0);
  ledger.take({ interfaces: ['mirror'], counters }, FIRST * MINUTE + 20_000, 20_000);
  ledger.take({ interfaces: ['mirror'], counters }, FIRST * MINUTE + 30_000, 30_000);
  ledger.take({ interfaces: [], counters }, FIRST * MINUTE + 35_000, 35_000);
  ledger.take({ interfaces: ['mirror'], counters }, (FIRST + 3) * MINUTE, 180_000);
  ledger.close({ interfaces: [], counters }, (FIRST + 3) * MINUTE, 180_000);
  expect(read().map(({ minute, seconds }) => [minute, seconds])).toEqual([
    [FIRST, 10],
    [FIRST + 3, 0],
  ]);
});
