/** The dashboard at all widths, in both themes: nothing sticks out, everybody can read it. */
import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

import { stage, type WatchOptions } from '../../support/dashboard/watch.ts';

const SIZE = { nodes: 600, requests: 300 };

/** All that there is to be seen. */
const PLACES = [
  '',
  '?tab=requests',
  '?tab=requests&sel=request:200-0000048100',
  '?tab=nodes&state=hold',
  '?tab=nodes&sel=node:0004200025',
  '?tab=launches',
  '?tab=launches&sel=launch:launch-13',
  '?tab=providers',
  '?tab=images',
  '?tab=images&sel=image:ubuntu-noble',
  '?tab=processes',
];

const PHONE: WatchOptions = {
  ...{ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
};
const SCREENS: Readonly<Record<string, WatchOptions>> = {
  'a phone, light': { ...PHONE, colorScheme: 'light' },
  'a phone, dark': { ...PHONE, colorScheme: 'dark' },
  'a tablet': { viewport: { width: 768, height: 1024 }, hasTouch: true },
  'a small window': { viewport: { width: 1024, height: 600 } },
  'a desk, light': { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  'a desk, dark': { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
};

/** What axe finds serious or worse. Evaluated from outside, since the page's policy lets no script in. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<Pick<axe.AxeResults, 'violations'>>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

describe('the dashboard on', () => {
  const watch = stage(SIZE);

  for (const [screen, options] of Object.entries(SCREENS))
    it(`${screen} can be read and does not stick out`, () =>
      watch(async ({ page, standIn }) => {
        for (const place of PLACES) {
          await page.goto(`${standIn.url}${place}`);
          await page.locator('html[data-link=live]').waitFor();
          await page.locator('.view').waitFor({ state: 'attached' });
          if (place.includes('sel=')) await page.locator('#details-title').waitFor();
          const width = await page.evaluate(
            '[document.documentElement.scrollWidth, document.body.scrollWidth]',
          );
          const wanted = options.viewport?.width ?? 0;
          assert.deepEqual(width, [wanted, wanted], `${place}: width`);
          assert.deepEqual(await violations(page), [], place);
        }
      }, options));

  it('a desk has dialogs that can be read', () =>
    watch(
      async ({ page, standIn, complaints }) => {
        await page.getByRole('button', { name: 'Unlock actions' }).click();
        assert.deepEqual(await violations(page), [], 'the token');
        await page.keyboard.press('Escape');
        await page.goto(`${standIn.url}?tab=images&log=debian-bookworm/0000000043`);
        await page.getByRole('dialog').waitFor();
        assert.deepEqual(await violations(page), [], 'a log');
        standIn.refusal = 503;
        standIn.drop();
        await page.locator('html[data-link=stale]').waitFor();
        await page.goto(standIn.url).catch(() => undefined);
        await page.locator('#banner:not([hidden])').waitFor();
        assert.deepEqual(await violations(page), [], 'no connection');
        // The browser tells each refused request in its console.
        complaints.splice(0);
      },
      { colorScheme: 'dark' },
    ));

  it('a desk takes the theme that is chosen, and keeps it', () =>
    watch(
      async ({ page }) => {
        const ground = (): Promise<unknown> =>
          page.evaluate('getComputedStyle(document.body).backgroundColor');
        const light = await ground();
        await page.getByLabel('Colours').selectOption('dark');
        const dark = await ground();
        assert.notEqual(dark, light);
        await page.reload();
        assert.equal(await ground(), dark);
        await page.getByLabel('Colours').selectOption('light');
        assert.equal(await ground(), light);
      },
      { colorScheme: 'light' },
    ));

  it('a desk of somebody who wants no motion moves nothing', () =>
    watch(
      async ({ page }) => {
        await page.getByRole('tab', { name: /^Launches/ }).click();
        await page.locator('.bar').first().waitFor();
        assert.equal(await page.evaluate('document.getAnimations().length'), 0);
      },
      { reducedMotion: 'reduce' },
    ));

  it('paper of a screen reader has landmarks, headings and rows', () =>
    watch(
      async ({ page }) => {
        const tree = await page.locator('body').ariaSnapshot();
        for (const part of [
          ...['- banner:', '- navigation "Views":', '- main:', '- complementary "Request'],
          ...['heading "Nodepool" [level=1]', 'heading "Requests" [level=2]'],
          ...['tab "Requests 300" [selected]', 'grid "Requests"', 'columnheader "Request"'],
          ...[
            'searchbox "Search requests"',
            'button /requested/',
            'heading "Request 200-0000048100"',
          ],
        ])
          if (part.includes('/')) assert.match(tree, /button "requested \d+"/);
          else assert.ok(tree.includes(part), `${part} in\n${tree.slice(0, 3000)}`);
      },
      { query: '?tab=requests&sel=request:200-0000048100' },
    ));
});
