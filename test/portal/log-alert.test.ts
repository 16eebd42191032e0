// A log rule's hit, written by syslog-x, in the event list that pages and `mss alerts` ask for.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlertRow, SearchPage } from '../../src/api/rows.ts';
import { renderRows } from '../../src/console/search/render-rows.ts';
import { alertOfHit, sidOf } from '../../src/logs/sigma/alert.ts';
import { askUnixSocket } from '../../src/os/http.ts';
import { engineOf, NOON_US, recordOf } from '../logs/sigma/small-rules.ts';
import { PortalProcess } from './portal-process.ts';

const portal = new PortalProcess();
beforeAll(async () => {
  mkdirSync(dirname(portal.paths.desiredFile), { recursive: true });
  writeFileSync(portal.paths.desiredFile, JSON.stringify({ archive: { days: 3650 } }));
  await portal.start();
  const log = recordOf({ source: '203.0.113.9' }, { raw: 'the door opens', host: 'gate' });
  const engine = engineOf(
    'title: Door opened\nid: door\nlevel: high\nlogsource: { product: test }\ndetection: { w: [door], condition: w }\n',
  );
  const [hit] = engine.match(log);
  await portal.store(2, 'syslog-x', { type: 'log', timeUs: NOON_US, log }, alertOfHit(hit, log));
});
afterAll(() => portal.remove());

const search = async (words: string): Promise<AlertRow[]> => {
  const { body } = await askUnixSocket(portal.paths.portalSocket, `/api/alerts?q=${encodeURIComponent(words)}`, 10_000);
  return (JSON.parse(body) as SearchPage<AlertRow>).rows;
};

test('it is found by the words that find any alert, and shown as one', async () => {
  for (const words of [
    '',
    `sid ${sidOf('door')}`,
    'host 203.0.113.9 and severity 1',
    '"door opened"',
    'category "log rule"',
  ]) {
    const rows = await search(words);
    expect(rows).toMatchObject([{ type: 'alert', eve: { log_rule: { id: 'door' }, log: { host: 'gate' } } }]);
  }
  expect(await search('host 198.51.100.1')).toEqual([]);
  expect(renderRows('alerts', await search(''), 200)).toMatch(
    / 1 +514:\d+:1 +203\.0\.113\.9 +192\.0\.2\.1 .*Door opened/,
  );
});
