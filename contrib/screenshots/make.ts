/**
 * `npm run screenshots`: the pictures of the dashboard in docs/screenshots, from the made-up cluster of
 * the tests. To be looked at before they are committed.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { openPage, startChromium } from '../../test/support/dashboard/chromium.ts';
import { StandIn } from '../../test/support/dashboard/stand-in.ts';
import { untilLive } from '../../test/support/dashboard/watch.ts';

interface Shot {
  readonly name: string;
  readonly query: string;
  readonly theme: 'light' | 'dark';
  readonly size: readonly [width: number, height: number];
  /** What has to be there before. */
  readonly waitFor?: string;
}

const DESK = [1200, 680] as const;

const SHOTS: readonly Shot[] = [
  { name: 'overview', query: '', theme: 'light', size: DESK },
  {
    ...{ name: 'requests', query: '?tab=requests&sel=request:200-0000049300', theme: 'dark' },
    ...{ size: DESK, waitFor: '.answers' },
  },
  { name: 'launches', query: '?tab=launches', theme: 'light', size: DESK, waitFor: '.bar' },
  {
    ...{ name: 'images', query: '?tab=images&sel=image:ubuntu-noble', theme: 'light' },
    ...{ size: DESK, waitFor: '.uploads progress:not([hidden])' },
  },
  {
    ...{ name: 'phone', query: '?tab=nodes&state=hold,in-use', theme: 'dark' },
    ...{ size: [360, 700], waitFor: '.grid tr[aria-rowindex] td' },
  },
];

const folder = resolve(import.meta.dirname, '../../docs/screenshots');
await mkdir(folder, { recursive: true });
const standIn = await StandIn.start({ nodes: 4000, requests: 1500 });
const browser = await startChromium();
try {
  for (const { name, query, theme, size, waitFor } of SHOTS) {
    const [width, height] = size;
    const isPhone = width < 600;
    const opened = await openPage(browser, standIn.url + query, {
      ...{ viewport: { width, height }, colorScheme: theme, isMobile: isPhone, hasTouch: isPhone },
    });
    const { page } = opened;
    await untilLive(page);
    if (waitFor !== undefined) await page.locator(waitFor).first().waitFor();
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await opened.close();
  }
} finally {
  await browser.close();
  await standIn.close();
}
