// The browser that page tests drive: Debian's Chromium, headless.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];

export const browserFound = existsSync(CHROMIUM);
if (!browserFound) console.log('the page is not tested: there is no /usr/bin/chromium; apt-get install chromium');

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
