// From EVE to the spool exactly once, wherever ids is killed in between.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findKept, loadBookmark, saveBookmark } from '../../src/ids/bookmark.ts';
import { EveFollower } from '../../src/ids/eve-follower.ts';
import { Intake } from '../../src/ids/intake.ts';
import { pathsUnder } from '../../src/paths.ts';
import { planClassify } from '../../src/respond/classification.ts';
import { START } from '../../src/spool/bookmark.ts';
import { listSegments, segmentName } from '../../src/spool/segment.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { loginLog } from '../detect/log-records.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-ids-'));
  mkdirSync(at().stateDir('ids'), { recursive: true });
  mkdirSync(at().eveDir, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const at = () => pathsUnder(root);

const alertLine = (i: number, signature: string) =>
  JSON.stringify({
    timestamp: `2026-11-24T12:00:0${i % 10}.000000+0000`,
    event_type: 'alert',
    src_ip: '10.0.0.5',
    dest_ip: '198.51.100.9',
    serial: i,
    alert: { action: 'allowed', gid: 1, signature_id: i + 1, rev: 1, signature, category: '', severity: 1 },
  });

const spooled = () =>
  listSegments(at().spoolDir('ids'))
    .map((first) => readFileSync(join(at().spoolDir('ids'), segmentName(first)), 'utf8'))
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; eve?: { serial: number } });

/** One life of ids: reads all there is; `dies` says where it is killed. */
function live(dies?: 'before the flush' | 'before the bookmark'): void {
  const bookmark = loadBookmark(at());
  const writer = new SpoolWriter(at().spoolDir('ids'));
  const intake = new Intake({ homeNet: ['10.0.0.0/8'] }, findKept(writer.dir, bookmark.nextRecord));
  const follower = new EveFollower(at().eveDir, bookmark.eve);
  for (;;) {
    const batch = follower.read();
    for (const event of intake.take(batch.lines)) writer.append(event);
    if (dies === 'before the flush') return;
    writer.flush();
    if (dies === 'before the bookmark') return;
    saveBookmark(at(), { eve: batch.next, logs: START, verdicts: bookmark.verdicts, nextRecord: writer.nextRecord });
    if (!batch.more) break;
  }
  writer.close();
}

test('each line becomes one record, whenever ids was killed, and incidents do not disturb the count', () => {
  const file = join(at().eveDir, 'eve-1000.json');
  const names = ['ET EXPLOIT a', 'ET MALWARE b Checkin', 'ET USER_AGENTS c', 'ET MALWARE d Dropper'];
  let text = '';
  for (const [i, dies] of (
    [undefined, 'before the bookmark', 'before the flush', 'before the bookmark', undefined] as const
  ).entries()) {
    for (let k = 0; k < 4; k++) text += `${alertLine(i * 4 + k, names[k])}\n`;
    writeFileSync(file, text);
    live(dies);
  }
  live();
  const serials = spooled()
    .filter(({ type }) => type === 'alert')
    .map(({ eve }) => eve?.serial);
  expect(serials).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(spooled().some(({ type }) => type === 'incident')).toBe(true);
});

test('a crash that left only a part of a batch in the spool costs and repeats nothing', () => {
  writeFileSync(
    join(at().eveDir, 'eve-1000.json'),
    [0, 1, 2, 3].map((i) => `${alertLine(i, 'ET USER_AGENTS x')}\n`).join(''),
  );
  live('before the bookmark');
  const segment = join(at().spoolDir('ids'), segmentName(0));
  const bytes = readFileSync(segment);
  const secondEnd = bytes.indexOf(10, bytes.indexOf(10) + 1) + 1;
  writeFileSync(segment, bytes.subarray(0, secondEnd + 15));
  live();
  expect(spooled().map(({ eve }) => eve?.serial)).toEqual([0, 1, 2, 3]);
});

test('unreadable lines are counted and cost no other; statistics are no event', () => {
  const intake = new Intake({ homeNet: ['10.0.0.0/8'] }, { eveRecords: 0, tiedRecords: new Set() });
  const stats = {
    timestamp: '2026-11-24T12:00:00Z',
    event_type: 'stats',
    stats: { uptime: 9, capture: { kernel_packets: 50, kernel_drops: 3 } },
  };
  const events = intake.take(['{', alertLine(1, 'x'), JSON.stringify(stats)]);
  expect(events).toHaveLength(1);
  expect(intake).toMatchObject({ unreadableLines: 1, records: 1, alerts: 1 });
  expect(intake.stats).toMatchObject({ uptimeSeconds: 9, kernelPackets: 50, kernelDrops: 3 });
  expect(intake.lastAlerts).toMatchObject([{ signature: 'x', src: '10.0.0.5' }]);
});

test('a log event is tied to its conversation once, whenever ids was killed', () => {
  const conversation = {
    timestamp: '2026-11-24T12:00:00.000000+0000',
    event_type: 'ssh',
    flow_id: 77,
    src_ip: '203.0.113.9',
    src_port: 40_001,
    dest_ip: '10.0.0.5',
    dest_port: 22,
    proto: 'TCP',
  };
  const log = loginLog('failure', '203.0.113.9', { sourcePort: '40001' });
  const kept = findKept(at().spoolDir('ids'), 0);
  expect(kept).toEqual({ eveRecords: 0, tiedRecords: new Set() });
  const writer = new SpoolWriter(at().spoolDir('ids'));
  for (const event of new Intake({ homeNet: ['10.0.0.0/8'] }, kept).take(
    [JSON.stringify(conversation)],
    [{ number: 5, timeUs: log.timeUs, log }],
  ))
    writer.append(event);
  writer.close();
  expect(spooled()).toMatchObject([
    { type: 'protocol', eve: { event_type: 'ssh' } },
    { type: 'protocol', eve: { event_type: 'log', flow_id: 77, log: { record: 5, host: '10.0.0.5', user: 'root' } } },
  ]);

  // killed before the bookmark: both are read again
  const again = findKept(at().spoolDir('ids'), 0);
  expect(again).toEqual({ eveRecords: 1, tiedRecords: new Set([5]) });
  expect(
    new Intake({ homeNet: ['10.0.0.0/8'] }, again).take(
      [JSON.stringify(conversation)],
      [{ number: 5, timeUs: log.timeUs, log }],
    ),
  ).toEqual([]);
});

test('a class deletes, ignores or marks the alerts that its words match', () => {
  const intake = new Intake({ homeNet: ['10.0.0.0/8'] }, findKept(at().spoolDir('ids'), 0));
  intake.classify = planClassify(
    [
      { name: 'noise', words: 'sid 1', action: 'delete', rank: 0 },
      { name: 'scanner', words: 'sid 2', action: 'ignore', rank: 0 },
      { name: 'crown jewels', words: 'host 10.0.0.5', action: 'rank', rank: 30 },
    ],
    'default',
  );
  const events = intake.take([
    alertLine(0, 'ET MALWARE a Checkin'),
    alertLine(1, 'ET EXPLOIT b'),
    alertLine(2, 'ET MALWARE c Checkin'),
  ]);
  const alerts = events.flatMap((event) => (event.type === 'alert' ? [event.eve] : []));
  expect(alerts.map(({ serial, mss }) => [serial, mss?.class, mss?.action])).toEqual([
    [1, 'scanner', 'ignore'],
    [2, 'crown jewels', 'rank'],
  ]);
  expect(alerts[1].mss?.reasons).toContain('+30 class "crown jewels"');
  // an exploit and a call home would be an incident; the exploit is ignored
  expect(events.filter(({ type }) => type === 'incident')).toEqual([]);
  expect(intake.deleted).toBe(1);
});
