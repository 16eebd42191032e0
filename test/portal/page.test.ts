// The page in a real browser against a real portal. Needs Chromium: skipped in one line where it is absent.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { buildWeb } from '../../tools/build-web.ts';
import { alertEvent, flowEvent, logEvent } from '../archive/sample.ts';
import { frame } from '../pcap/frames.ts';
import { browserFound, launchBrowser } from './browser.ts';
import { PASSWORD, PortalProcess } from './portal-process.ts';

const FLOW = { src: '10.0.0.5', srcPort: 50_000, dst: '192.0.2.9', dstPort: 443 };
const START_US = (Date.now() - 600_000) * 1000;
const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>"\'&amp; \u202e\u0007';

const incident: SensorEvent = {
  type: 'incident',
  timeUs: START_US,
  incident: {
    id: 'i1',
    host: '10.0.0.5',
    score: 0.8,
    rank: 80,
    phases: ['exploit', 'c2'],
    firstUs: START_US - 60e6,
    lastUs: START_US,
    state: 'open',
    evidence: [{ timeUs: START_US, phase: 'c2', detector: 'beacon', summary: `a call home every 60 s ${HOSTILE}` }],
    evidenceDropped: 2,
  },
};

describe.skipIf(!browserFound)('the page', () => {
  const portal = new PortalProcess();
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    await portal.makeAccounts();
    const webDir = join(portal.root, 'web');
    await buildWeb(webDir);
    mkdirSync(portal.paths.packetFallback, { recursive: true });
    const writer = new StoreWriter(portal.paths.packetFallback);
    for (let i = 0; i < 3; i++) {
      const data = frame({ ...FLOW, proto: 6, payload: new Uint8Array([i]) });
      const lengths = { capturedLength: data.length, originalLength: data.length };
      writer.appendPacket({ timeNs: BigInt(START_US + i) * 1000n, linkType: 1, data, ...lengths });
    }
    writer.close();
    await portal.start(webDir);
    await portal.store(
      3,
      'ids',
      alertEvent({ ...FLOW, timeUs: START_US, signature: 'ET TEST first', sid: 1001 }),
      alertEvent({ src: '10.0.0.6', timeUs: START_US + 1e6, signature: 'ET TEST second', sid: 1002, severity: 3 }),
      incident,
    );
    browser = await launchBrowser();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Uncaught/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`https://127.0.0.1:${portal.port}/`);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await portal.remove();
  });

  const signatures = () => page.locator('td.signature').allTextContents();
  const shows = (text: string) => page.locator('td.signature', { hasText: text }).waitFor();

  test('a wrong password is refused in words, the right one opens the page', async () => {
    await page.fill('[name=name]', 'anna');
    await page.fill('[name=password]', 'not the password');
    await page.click('text=Log in');
    await page.locator('[role=alert]', { hasText: 'name or password is wrong' }).waitFor();
    await page.waitForTimeout(600); // what the guard asks for after one failure
    await page.fill('[name=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await shows('ET TEST first');
    expect(await signatures()).toEqual(['ET TEST second', 'ET TEST first']);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
  });

  test('an alert appears by itself when it is stored; while paused it is only counted', async () => {
    await page.locator('button.live.live').waitFor();
    portal.append('ids', alertEvent({ timeUs: START_US + 2e6, signature: 'ET TEST third' }));
    await shows('ET TEST third');
    expect((await signatures())[0]).toBe('ET TEST third');
    await page.click('button.live');
    portal.append('ids', alertEvent({ timeUs: START_US + 3e6, signature: 'ET TEST fourth' }));
    await page.locator('button.paused', { hasText: '1 new' }).waitFor();
    expect(await signatures()).not.toContain('ET TEST fourth');
    await page.click('button.paused');
    await shows('ET TEST fourth');
  });

  test('hostile text from the network stays text', async () => {
    portal.append('ids', alertEvent({ timeUs: START_US + 4e6, signature: HOSTILE, category: HOSTILE, app: HOSTILE }));
    await shows('onerror');
    await page.locator('td.signature', { hasText: 'onerror' }).click();
    expect(await page.locator('.detail h2').textContent()).toBe(HOSTILE);
    await page.locator('.incident summary').click();
    expect(await page.locator('.incident td').nth(2).textContent()).toBe(`a call home every 60 s ${HOSTILE}`);
    expect(await page.locator('#page img, #page script').count()).toBe(0);
    expect(await page.title()).toBe('MetaFlows sensor');
    await page.keyboard.press('Escape');
    await page.locator('.detail').waitFor({ state: 'detached' });
  });

  test('the incident shows rank, phases and evidence', async () => {
    const card = page.locator('.incident');
    expect(await card.locator('.rank').textContent()).toBe('80');
    expect(await card.locator('.step.seen').allTextContents()).toEqual(['exploit', 'c2']);
    expect(await card.locator('summary').textContent()).toContain('3 pieces of evidence');
  });

  test('filter words: a mistake is explained where it is, right ones narrow the list and the live view', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('sid 1002 or prot 5');
    expect(await page.locator('#filter-error').textContent()).toMatch(/"prot" at column 13/);
    await page.fill('#filter', 'sid 1002');
    await page.keyboard.press('Enter');
    await page.locator('td.signature', { hasText: 'ET TEST first' }).waitFor({ state: 'detached' });
    expect(await signatures()).toEqual(['ET TEST second']);
    await page.locator('button.live.live').waitFor();
    portal.append(
      'ids',
      alertEvent({ timeUs: START_US + 5e6, src: '10.0.0.8', signature: 'ET TEST other', sid: 1003 }),
      alertEvent({ timeUs: START_US + 6e6, signature: 'ET TEST again', sid: 1002 }),
    );
    await shows('ET TEST again');
    expect(await signatures()).toEqual(['ET TEST again', 'ET TEST second']);
    await page.fill('#filter', 'host 10.99.0.1');
    await page.keyboard.press('Enter');
    await page.locator('.empty', { hasText: /none matches these words; the archive holds/ }).waitFor();
    await page.fill('#filter', '');
    await shows('ET TEST other');
  });

  test('the keyboard alone opens an alert, whose packets are downloaded and are those of its flow', async () => {
    await page.fill('#filter', 'sid 1001');
    await page.keyboard.press('Enter');
    await page.locator('td.signature', { hasText: 'ET TEST second' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.locator('.detail h2', { hasText: 'ET TEST first' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download packets')]);
    expect(download.suggestedFilename()).toMatch(/^alert-\d{8}T\d{6}Z-0\.pcapng$/);
    const file = readFileSync(await download.path());
    const payloads: number[] = [];
    const source = (async function* () {
      yield file;
    })();
    for await (const packet of readCapture(source)) payloads.push(packet.data.at(-1) ?? -1);
    expect(payloads).toEqual([0, 1, 2]);
    await page.locator('.download', { hasText: 'saved' }).waitFor();
  });

  test('an alert without packets says why', async () => {
    await page.fill('#filter', 'sid 1003');
    await page.keyboard.press('Enter');
    await shows('ET TEST other');
    await page.locator('td.signature', { hasText: 'ET TEST other' }).click();
    await page.click('text=Download packets');
    await page.locator('.download .refusal', { hasText: /^no packets: / }).waitFor();
  });

  test('logs, hosts and flows have tabs of their own; the same words narrow them', async () => {
    const at = { src: '10.0.0.5', timeUs: START_US + 7e6 };
    portal.append('ids', flowEvent({ ...at, toServer: 1500 }));
    portal.append('syslog-x', logEvent({ timeUs: START_US + 8e6, message: HOSTILE, host: 'fw1' }));
    await page.fill('#filter', '');
    await page.getByRole('tab', { name: 'Logs' }).click();
    await shows('onerror');
    expect(await page.locator('.list td.end').allTextContents()).toEqual(['fw1']);
    await page.fill('#filter', 'sid 5');
    expect(await page.locator('#filter-error').textContent()).toMatch(/"sid" has no meaning for logs/);
    await page.fill('#filter', '');
    await page.getByRole('tab', { name: 'Flows' }).click();
    await page.locator('td.app', { hasText: '1.5 kB' }).waitFor();
    await page.getByRole('tab', { name: 'Hosts' }).click();
    await page.locator('.list td.end', { hasText: '10.0.0.5' }).click();
    expect(await page.getByRole('tab', { name: 'Alerts' }).getAttribute('aria-selected')).toBe('true');
    expect(await page.inputValue('#filter')).toBe('host 10.0.0.5');
    expect(await page.locator('#page img, #page script').count()).toBe(0);
  });

  test('an incident is closed with a note, which ids is told', async () => {
    await page.locator('.incident summary').click();
    if (!(await page.locator('.verdict input').isVisible())) await page.locator('.incident summary').click();
    await page.fill('.verdict input', 'our own scanner');
    await page.click('text=Close: false alarm');
    await page.locator('.incident summary', { hasText: 'closed' }).waitFor();
    await page.locator('text=Open again').waitFor();
    const [name] = readdirSync(portal.paths.spoolDir('verdicts'));
    const told = readFileSync(join(portal.paths.spoolDir('verdicts'), name), 'utf8');
    expect(JSON.parse(told)).toMatchObject({
      type: 'verdict',
      verdict: { state: 'closed', truth: 'false', note: 'our own scanner', by: 'anna' },
    });
  });

  test('logging out leaves nothing behind', async () => {
    await page.click('text=Log out');
    await page.locator('[name=password]').waitFor();
    expect(await page.locator('td.signature').count()).toBe(0);
    await page.reload();
    await page.locator('[name=password]').waitFor();
    expect(complaints).toEqual([]);
  });

  test('the page needs nothing from elsewhere and runs no inline script', () => {
    const html = readFileSync(join(portal.root, 'web', 'index.html'), 'utf8');
    expect(html).not.toMatch(/https?:\/\/|<script>|style=|\son\w+=/);
  });
});
