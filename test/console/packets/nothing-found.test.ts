// A question that finds nothing says why: never seen, filtered, pruned or lost; on the command line and over HTTP.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STORED_COUNTS } from '../../../src/api/ledger.ts';
import { MINUTE_MS, noCounts } from '../../../src/ledger/ledger-minute.ts';
import { LedgerWriter } from '../../../src/ledger/ledger-writer.ts';
import { StoreWriter } from '../../../src/store/store-writer.ts';
import { frame } from '../../pcap/frames.ts';
import { PortalProcess } from '../../portal/portal-process.ts';

const portal = new PortalProcess();
const now = Math.floor(Date.now() / MINUTE_MS);
const iso = (minute: number) => new Date(minute * MINUTE_MS).toISOString();

// three hours: pruned, filtered, lost, and an ordinary one; the sensor was switched on before them
beforeAll(async () => {
  const ledger = new LedgerWriter(portal.paths.ledgerDir('capture'), STORED_COUNTS);
  for (let minute = now - 240; minute < now - 1; minute++) {
    const counts = { ...noCounts(STORED_COUNTS), received: 10, stored: 10 };
    const hour = Math.floor((minute - (now - 240)) / 60);
    if (hour === 1) counts.filtered = 4;
    if (hour === 2) counts.lostInRing = 3;
    expect(ledger.append({ minute, seconds: 60, counts })).toBeUndefined();
  }
  mkdirSync(portal.paths.packetFallback, { recursive: true });
  const store = new StoreWriter(portal.paths.packetFallback);
  const data = frame({ src: '10.0.0.1', dst: '192.0.2.1', proto: 6, srcPort: 4000, dstPort: 80 });
  for (let minute = now - 180; minute < now; minute++) {
    const timeNs = BigInt(minute * MINUTE_MS) * 1_000_000n;
    store.appendPacket({ timeNs, linkType: 1, capturedLength: data.length, originalLength: data.length, data });
  }
  store.close();
  await portal.makeAccounts();
  await portal.start();
  await portal.login('anna');
});
afterAll(() => portal.remove());

const NEVER = /no such flow or host was seen in the stored time/;
const reasons: [string, number, number, RegExp[], RegExp[]][] = [
  ['never seen', -60, -10, [NEVER], [/filtered|pruned|lost|counted/]],
  [
    'filtered',
    -180,
    -121,
    [NEVER, /in the time asked for 236 packets were filtered: capture stores only/],
    [/pruned|lost/],
  ],
  [
    'lost',
    -120,
    -61,
    [NEVER, /in the time asked for 177 packets were lost before they were stored/],
    [/pruned|filtered/],
  ],
  [
    'pruned',
    -240,
    -190,
    [/asked for earlier than anything stored/, /500 packets were stored and pruned for newer ones since/],
    [/filtered|lost/],
  ],
  [
    'before there was a sensor',
    -600,
    -500,
    [/asked for earlier/, /this sensor has counted packets since/],
    [/pruned|lost/],
  ],
];

test.each(reasons)('%s', async (_name, from, to, present, absent) => {
  const range = { from: iso(now + from), to: iso(now + to) };
  const words = { filter: 'host 203.0.113.1', ...range };
  const answer = await portal.ask(`/api/packets?${new URLSearchParams(words)}`);
  const { message } = JSON.parse(answer.body.toString()) as { message: string };
  const args = ['packets', '--filter', words.filter, '--from', range.from, '--to', range.to];
  const child = spawn(process.execPath, [resolve('services/console/mss.ts'), ...args], {
    env: { ...process.env, MSS_ROOT: portal.root },
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([answer.status, code]).toEqual([404, 0]);
  for (const sentence of [message, said]) {
    for (const pattern of present) expect(sentence).toMatch(pattern);
    for (const pattern of absent) expect(sentence).not.toMatch(pattern);
  }
});
