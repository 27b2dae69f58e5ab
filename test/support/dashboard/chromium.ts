/**
 * The system's Chromium, without a window. Installed from Debian where it is missing and we may.
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

import { installPackages } from '../../../fixtures/processes/install.ts';

const PROGRAM = '/usr/bin/chromium';
/** For a `before` that starts it: it may have to be installed. */
export const CHROMIUM_MS = 300_000;
/** A loaded machine takes its time. */
const PATIENCE_MS = 20_000;

/** Text and no function, since tests are not checked with a browser's types. */
const TELL_VIOLATIONS = `
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
  });
`;

export async function startChromium(): Promise<Browser> {
  if (!existsSync(PROGRAM)) await installPackages(['chromium']);
  return chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });
}

export interface WatchedPage {
  readonly page: Page;
  /** What the browser complained of: console errors, exceptions, violations of the policy. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A page of its own, with its complaints collected from the first moment. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 850 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.addInitScript({ content: TELL_VIOLATIONS });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}
