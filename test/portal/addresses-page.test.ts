// Where addresses belong, on the page in a real browser. Needs Chromium: skipped in one line where it is absent.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { buildWeb } from '../../tools/build-web.ts';
import { alertEvent, flowEvent } from '../archive/sample.ts';
import { writeSampleOrigins } from '../respond/enrich/sample-origins.ts';
import { browserFound, launchBrowser } from './browser.ts';
import { PASSWORD, PortalProcess } from './portal-process.ts';

const incident: SensorEvent = {
  type: 'incident',
  timeUs: (Date.now() - 600_000) * 1000,
  incident: {
    id: 'i1',
    host: '10.0.0.5',
    score: 0.8,
    rank: 80,
    phases: ['c2'],
    actors: { attackers: [], eggSources: [], controllers: ['9.9.9.9', '11.0.1.1'], targets: ['10.0.0.7'] },
    firstUs: (Date.now() - 660_000) * 1000,
    lastUs: (Date.now() - 600_000) * 1000,
    state: 'open',
    evidence: [],
    evidenceDropped: 0,
  },
};
const START_US = (Date.now() - 600_000) * 1000;
const ENDS = { src: '10.0.0.5', dst: '9.9.9.9', timeUs: START_US };

describe.skipIf(!browserFound)('the page', () => {
  const portal = new PortalProcess();
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await portal.makeAccounts();
    writeSampleOrigins(portal.paths.originsDirs[0]);
    const webDir = join(portal.root, 'web');
    await buildWeb(webDir);
    await portal.start(webDir);
    await portal.store(3, 'ids', alertEvent({ ...ENDS, signature: 'ET TEST outside' }), flowEvent(ENDS), incident);
    browser = await launchBrowser();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`https://127.0.0.1:${portal.port}/`);
    await page.fill('[name=name]', 'anna');
    await page.fill('[name=password]', PASSWORD);
    await page.keyboard.press('Enter');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await portal.remove();
  });

  test('an alert says where its outside end belongs, and who it is when asked', async () => {
    await page.locator('td.signature', { hasText: 'ET TEST outside' }).click();
    const who = page.locator('.detail .address');
    await who.locator('.origin', { hasText: 'US, AS19281 Quad9, "the" resolver' }).waitFor();
    expect(await who.count()).toBe(1); // 10.0.0.5 is nobody outside
    await who.locator('button', { hasText: 'Who is this?' }).click();
    await who.locator('.hint', { hasText: 'mss config set enrich.outside true' }).waitFor();
    await page.screenshot({ path: process.env.MSS_SCREENSHOT ?? join(portal.root, 'alert.png') });
    await page.keyboard.press('Escape');
  });

  test('an incident says it of those who took part', async () => {
    await page.locator('.incident summary').click();
    const actors = page.locator('.incident .actors');
    await actors.locator('.origin', { hasText: 'AS64500 Example Ltd' }).waitFor();
    expect(await actors.locator('dt').allTextContents()).toEqual(['talks to', 'attacks']);
  });

  test('the list of hosts says it of each', async () => {
    await page.locator('[role=tab]', { hasText: 'Hosts' }).click();
    await page.locator('tr', { hasText: '9.9.9.9' }).locator('.origin', { hasText: 'US, AS19281' }).waitFor();
  });
});
