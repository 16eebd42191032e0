// Files out of the traffic: who may list and download them, what is written down of it, and what the page shows.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { keepNote, prepareFileFolder } from '../../src/store/files/file-folder.ts';
import { buildWeb } from '../../tools/build-web.ts';
import { alertEvent } from '../archive/sample.ts';
import { browserFound, launchBrowser } from './browser.ts';
import { PASSWORD, PortalProcess } from './portal-process.ts';

const PROGRAM = Buffer.from('MZ and what a program is made of');
const SHA256 = createHash('sha256').update(PROGRAM).digest('hex');
const NAME = '/<b>setup</b>.exe';
const TIME_US = (Date.now() - 600_000) * 1000;

const portal = new PortalProcess();
const webDir = join(portal.root, 'web');

function fileEvent(): SensorEvent {
  const alert = alertEvent({ timeUs: TIME_US });
  if (alert.type !== 'alert') throw new Error('not an alert');
  const { alert: _, ...eve } = alert.eve;
  const fileinfo = { filename: NAME, magic: 'PE32 executable', size: PROGRAM.length, sha256: SHA256, stored: true };
  return { type: 'protocol', timeUs: TIME_US, eve: { ...eve, event_type: 'fileinfo', fileinfo } };
}

beforeAll(async () => {
  await portal.makeAccounts();
  const { filesDir } = portal.paths;
  mkdirSync(filesDir, { recursive: true });
  chmodSync(filesDir, 0o2770);
  prepareFileFolder(filesDir);
  writeFileSync(join(filesDir, SHA256.slice(0, 2), SHA256), PROGRAM);
  keepNote(filesDir, SHA256, { timeUs: TIME_US, name: NAME, app: 'http' });
  await buildWeb(webDir);
  await portal.start(webDir);
  await portal.store(2, 'ids', alertEvent({ timeUs: TIME_US, signature: 'ET TEST program' }), fileEvent());
}, 60_000);
afterAll(() => portal.remove());

test('who may not have packets may not have files', async () => {
  await portal.login('bert');
  expect(await portal.json('/api/files')).toMatchObject({ code: 'forbidden' });
  expect(await portal.json(`/api/files/${SHA256}`)).toMatchObject({ code: 'forbidden' });
});

test('who may: the list, and each file as bytes that no browser opens; the audit log says who had it', async () => {
  await portal.login('anna');
  expect(await portal.json('/api/files')).toMatchObject({
    rows: [{ type: 'file', sha256: SHA256, bytes: PROGRAM.length, note: { name: NAME, app: 'http' } }],
  });
  const { status, headers, body } = await portal.ask(`/api/files/${SHA256.toUpperCase()}`);
  expect([status, body]).toEqual([200, PROGRAM]);
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${SHA256}.bin"`,
    'x-content-type-options': 'nosniff',
  });
  const audit = readFileSync(join(portal.paths.stateDir('portal'), 'audit.log'), 'utf8')
    .trim()
    .split('\n');
  expect(JSON.parse(audit.at(-1)!)).toMatchObject({ what: 'file', account: 'anna', sha256: SHA256 });
});

test('what is no digest, and a file that is not there, are said so', async () => {
  await portal.login('anna');
  expect(await portal.json('/api/files/..%2f..%2faccounts.json')).toMatchObject({ code: 'usage' });
  expect(await portal.json(`/api/files/${'0'.repeat(64)}`)).toMatchObject({ code: 'not-found' });
});

describe.skipIf(!browserFound)('the page', () => {
  test("an alert shows its flow's files, and gives them out", async () => {
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      await page.goto(`https://127.0.0.1:${portal.port}/`);
      await page.fill('[name=name]', 'anna');
      await page.fill('[name=password]', PASSWORD);
      await page.keyboard.press('Enter');
      await page.locator('td.signature', { hasText: 'ET TEST program' }).click();
      const files = page.locator('.detail .files');
      await files.locator('code', { hasText: SHA256 }).waitFor();
      expect(await files.locator('.name').textContent()).toBe(NAME);
      expect(await files.locator('.hint').textContent()).toBe('PE32 executable, 32 B');
      const [download] = await Promise.all([page.waitForEvent('download'), files.locator('a').click()]);
      expect(download.suggestedFilename()).toBe(`${SHA256}.bin`);
      expect(readFileSync(await download.path())).toEqual(PROGRAM);
      await page.screenshot({ path: process.env.MSS_SCREENSHOT ?? join(portal.root, 'files.png') });
    } finally {
      await browser.close();
    }
  }, 60_000);
});
