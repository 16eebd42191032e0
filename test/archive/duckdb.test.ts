// The archive on a real DuckDB file: what goes in is found, applied once, and survives damage and kill -9.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import type { Incident } from '../../src/api/incident.ts';
import { DuckDbArchive } from '../../src/archive/duckdb.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { START } from '../../src/spool/bookmark.ts';
import { readBatch } from '../../src/spool/reader.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { alertEvent, flowEvent, logEvent, NOON_US } from './sample.ts';

let dir: string;
let file: string;
let archive: DuckDbArchive | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'archive-'));
  file = join(dir, 'archive.duckdb');
});
afterEach(async () => {
  await archive?.close();
  archive = undefined;
  rmSync(dir, { recursive: true });
});

const batchOf = (events: SensorEvent[], from = 0) => ({
  records: events.map((event, i) => ({ number: from + i, event })),
  next: { record: from + events.length, segment: 0, offset: 1000 + from },
  badRecords: 0,
});
const search = (words: string, more = {}) => ({ filter: parseFilter(words), limit: 100, ...more });
const incident = (id: string, rank: number): SensorEvent => ({
  type: 'incident',
  timeUs: NOON_US,
  incident: {
    id,
    host: '10.0.0.7',
    score: 1,
    rank,
    phases: ['scan-in'],
    firstUs: NOON_US - 5e6,
    lastUs: NOON_US,
    state: 'open',
    evidence: [{ timeUs: NOON_US, phase: 'scan-in', detector: 'alert', summary: 'ET SCAN x', rule: '1:2001:3' }],
    evidenceDropped: 0,
  } satisfies Incident,
});

test('rows come back whole, newest first, page by page, and the bookmark with them', async () => {
  archive = await DuckDbArchive.open(file);
  expect(archive.bookmark('ids')).toEqual(START);
  const events = Array.from({ length: 25 }, (_, i) => alertEvent({ sid: 2000 + i, timeUs: NOON_US + i * 1e6 }));
  await archive.apply('ids', batchOf(events));
  const first = await archive.search('alerts', search('', { limit: 10 }));
  const sids = first.map((row) => (row.type === 'alert' ? row.eve.alert?.signature_id : 0));
  expect(sids).toEqual(Array.from({ length: 10 }, (_, i) => 2024 - i));
  const last = first[9];
  if (last.type !== 'alert') throw new Error('not an alert');
  expect(last.eve).toEqual((events[15] as { eve: unknown }).eve);
  const second = await archive.search('alerts', search('', { before: last.id }));
  expect(second).toHaveLength(15);
  expect(await archive.find('alerts', last.id)).toEqual(last);
  expect(await archive.search('alerts', search('', { fromUs: NOON_US + 3e6, toUs: NOON_US + 5e6 }))).toHaveLength(2);
  await archive.close();
  archive = await DuckDbArchive.open(file);
  expect(archive.bookmark('ids')).toEqual({ record: 25, segment: 0, offset: 1000 });
  expect(await archive.coverage('alerts')).toEqual({ rows: 25, oldestUs: NOON_US, newestUs: NOON_US + 24e6 });
});

test('records that are no events are counted, odd values are kept in the record only', async () => {
  archive = await DuckDbArchive.open(file);
  const odd = alertEvent({});
  (odd as { eve: Record<string, unknown> }).eve.src_port = 'eighty';
  const passedOver = await archive.apply(
    'ids',
    batchOf([
      odd,
      { type: 'riddle', timeUs: 1 } as unknown as SensorEvent,
      {} as SensorEvent,
      { type: 'alert', timeUs: 5 } as SensorEvent,
    ]),
  );
  expect(passedOver).toBe(3);
  const [row] = await archive.search('alerts', search(''));
  expect(row).toMatchObject({ eve: { src_port: 'eighty' } });
});

test('of an incident the newest state is kept; highest rank first', async () => {
  archive = await DuckDbArchive.open(file);
  await archive.apply('ids', batchOf([incident('a', 10), incident('b', 40), incident('a', 20)]));
  await archive.apply('ids', batchOf([incident('a', 50)], 3));
  const rows = await archive.search('incidents', search('phase scan-in and sid 2001 and host 10.0.0.7'));
  expect(rows.map((row) => row.type === 'incident' && [row.incident.id, row.incident.rank])).toEqual([
    ['a', 50],
    ['b', 40],
  ]);
});

test('hosts: both ends of flows and alerts, the worst first', async () => {
  archive = await DuckDbArchive.open(file);
  await archive.apply(
    'ids',
    batchOf([
      flowEvent({ src: '10.0.0.5', dst: '192.0.2.9', toServer: 100, toClient: 9000 }),
      flowEvent({ src: '10.0.0.6', dst: '192.0.2.9', toServer: 7, toClient: 1 }),
      alertEvent({ src: '192.0.2.9', dst: '10.0.0.6', severity: 2 }),
    ]),
  );
  const hosts = await archive.hosts(search(''));
  expect(
    hosts.map((host) => [
      host.address,
      host.flows,
      host.sentBytes,
      host.receivedBytes,
      host.alerts,
      host.worstSeverity,
    ]),
  ).toEqual([
    ['192.0.2.9', 2, 9001, 107, 1, 2],
    ['10.0.0.6', 1, 7, 1, 1, 2],
    ['10.0.0.5', 1, 100, 9000, 0, undefined],
  ]);
  expect((await archive.hosts(search('net 10.0.0.0/8 and port 443'))).map((host) => host.address)).toEqual([
    '10.0.0.6',
    '10.0.0.5',
  ]);
});

test('hosts: an incident before a suspect before all others, with their last rank', async () => {
  archive = await DuckDbArchive.open(file);
  const suspect = (host: string, rank: number, timeUs: number): SensorEvent => ({
    type: 'suspect',
    timeUs,
    suspect: { host, rank, reasons: [], phases: ['spread'], firstUs: timeUs, lastUs: timeUs, evidence: [] },
  });
  const flows = ['10.0.0.5', '10.0.0.6', '10.0.0.7'].map((src) => flowEvent({ src, dst: '192.0.2.9' }));
  const more = [
    suspect('10.0.0.6', 30, NOON_US),
    suspect('10.0.0.6', 12, NOON_US + 1),
    suspect('10.0.0.7', 99, NOON_US),
  ];
  await archive.apply('ids', batchOf([...flows, ...more, incident('a', 50)]));
  const standings = async (from = {}) =>
    (await archive!.hosts({ ...search(''), ...from })).map(({ address, rank, standing }) => [address, rank, standing]);
  expect(await standings()).toEqual([
    ['10.0.0.7', 50, 'incident'],
    ['10.0.0.6', 12, 'suspect'],
    ['192.0.2.9', undefined, undefined],
    ['10.0.0.5', undefined, undefined],
  ]);
  expect((await standings({ toUs: NOON_US + 1 })).slice(0, 2)).toContainEqual(['10.0.0.6', 30, 'suspect']);
});

test('retention: old days go, then the oldest until the rest fits', async () => {
  archive = await DuckDbArchive.open(file);
  const count = 120_000;
  const logs = Array.from({ length: count }, (_, i) =>
    logEvent({ timeUs: NOON_US - (count - 1 - i) * 15e6, message: `${i} ${Math.sin(i)}${Math.cos(i)}` }),
  );
  await archive.apply('syslog-x', batchOf(logs));
  const byDays = await archive.prune({ days: 20, bytes: 2 ** 40 }, NOON_US);
  expect(byDays.rows).toBe(count - 115_201);
  expect(await archive.coverage('logs')).toMatchObject({ rows: 115_201, newestUs: NOON_US });
  const bytes = byDays.usedBytes * 0.7;
  const byBytes = await archive.prune({ days: 20, bytes }, NOON_US);
  expect(byBytes.usedBytes).toBeLessThanOrEqual(bytes);
  const left = await archive.coverage('logs');
  expect(left.rows).toBeGreaterThan(115_201 * 0.4);
  expect(left).toMatchObject({ newestUs: NOON_US, rows: 115_201 - byBytes.rows });
  expect(await archive.prune({ days: 20, bytes }, NOON_US)).toMatchObject({ rows: 0 });
});

test('a damaged file is set aside by name and a new one begun', async () => {
  writeFileSync(file, Buffer.alloc(20_000, 'no database'));
  archive = await DuckDbArchive.open(file);
  expect(archive.setAside).toMatch(/damaged .* kept as .*archive\.duckdb\.damaged-/);
  expect(readdirSync(dir).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
  await archive.apply('ids', batchOf([alertEvent({})]));
  expect(await archive.search('alerts', search(''))).toHaveLength(1);
});

test.each(['cut short', 'flipped inside'])('a file %s is set aside too', async (how) => {
  archive = await DuckDbArchive.open(file);
  await archive.apply(
    'ids',
    batchOf(Array.from({ length: 5000 }, (_, i) => alertEvent({ sid: i, signature: `${Math.sin(i)}` }))),
  );
  await archive.close();
  const bytes = readFileSync(file);
  if (how === 'flipped inside') for (let at = 300_000; at < bytes.length; at += 262_144) bytes[at] ^= 0xff;
  writeFileSync(file, how === 'cut short' ? bytes.subarray(0, bytes.length / 2) : bytes);
  archive = await DuckDbArchive.open(file);
  expect(archive.setAside).toMatch(/a new one was begun/);
  expect(archive.bookmark('ids')).toEqual(START);
});

test('a damaged log costs its own records only, and they are read from the spool again', async () => {
  archive = await DuckDbArchive.open(file);
  await archive.apply('ids', batchOf([alertEvent({ sid: 1 })]));
  await archive.close();
  archive = await DuckDbArchive.open(file);
  await archive.apply(
    'ids',
    batchOf(
      Array.from({ length: 500 }, (_, i) => alertEvent({ sid: 2 + i })),
      1,
    ),
  );
  const copy = join(dir, 'copy.duckdb');
  copyFileSync(file, copy);
  const log = readFileSync(`${file}.wal`);
  for (let at = log.length >> 1; at < (log.length >> 1) + 50; at++) log[at] ^= 0x5a;
  writeFileSync(`${copy}.wal`, log);
  const damaged = await DuckDbArchive.open(copy);
  expect(damaged.setAside).toMatch(/the log of the event archive was damaged .* read from the spool again/);
  expect(damaged.bookmark('ids').record).toBe(1);
  expect(await damaged.search('alerts', search(''))).toHaveLength(1);
  await damaged.close();
});

test('closing ends searches that run and refuses those that wait', async () => {
  const closing = await DuckDbArchive.open(file);
  const events = Array.from({ length: 20_000 }, (_, i) => alertEvent({ sid: i, signature: `${i} ${'z'.repeat(200)}` }));
  await closing.apply('ids', batchOf(events));
  const searches = Array.from({ length: 20 }, () =>
    closing.search('alerts', search('"zz"', { limit: 100_000 })).then(
      () => 'answered',
      (error: Error) => error.message,
    ),
  );
  await closing.close();
  const said = await Promise.all(searches);
  expect(said.filter((text) => text === 'answered').length).toBeLessThan(20);
  for (const text of said) expect(text).toMatch(/^answered$|is not open|INTERRUPT/);
  await expect(closing.search('alerts', search(''))).rejects.toThrow(/is not open/);
});

test('a file held by another process is not set aside: the message says who may hold it', async () => {
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module-typescript',
      '-e',
      `
    import { DuckDbArchive } from '${resolve('src/archive/duckdb.ts')}';
    await DuckDbArchive.open(${JSON.stringify(file)});
    console.log('open');
    setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout!, 'data');
  await expect(DuckDbArchive.open(file)).rejects.toThrow(/another process holds it/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  archive = await DuckDbArchive.open(file);
  expect(archive.setAside).toBeUndefined();
});

test('kill -9 between batches: nothing is lost, nothing is there twice', async () => {
  const spool = join(dir, 'ids');
  const writer = new SpoolWriter(spool);
  const count = 3000;
  for (let i = 0; i < count; i++) writer.append(alertEvent({ sid: i, timeUs: NOON_US + i }));
  writer.close();
  const script = `
    import { DuckDbArchive } from '${resolve('src/archive/duckdb.ts')}';
    import { readBatch } from '${resolve('src/spool/reader.ts')}';
    const archive = await DuckDbArchive.open(${JSON.stringify(file)});
    for (;;) {
      const batch = readBatch(${JSON.stringify(spool)}, 'ids', archive.bookmark('ids'), 20_000);
      if (batch.records.length === 0) break;
      await archive.apply('ids', batch);
      console.log(archive.bookmark('ids').record);
    }`;
  let kills = 0;
  for (let rounds = 0; rounds < 20; rounds++) {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let lines = 0;
    child.stdout!.on('data', () => {
      if (++lines === 2 + rounds) child.kill('SIGKILL');
    });
    const [code] = await exited;
    if (code === 0) break;
    kills++;
  }
  expect(kills).toBeGreaterThan(1);
  archive = await DuckDbArchive.open(file);
  expect(archive.bookmark('ids').record).toBe(count);
  expect(readBatch(spool, 'ids', archive.bookmark('ids')).records).toEqual([]);
  const rows = await archive.search('alerts', search('', { limit: count * 2 }));
  const sids = rows.map((row) => (row.type === 'alert' ? row.eve.alert!.signature_id : -1));
  expect(sids).toEqual(Array.from({ length: count }, (_, i) => count - 1 - i));
  expect(existsSync(file)).toBe(true);
});
