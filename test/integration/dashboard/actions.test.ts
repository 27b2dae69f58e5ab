/** Actions of the dashboard on a real launcher, with a real ZooKeeper and a fake cloud. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';

import { webSource } from '../../../launcher/web-source.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { CHROMIUM_MS, openPage, startChromium } from '../../support/dashboard/chromium.ts';
import { untilLive } from '../../support/dashboard/watch.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play, type Scene } from '../../support/launcher-scene.ts';

const TOKEN = 'an-admin-token-for-this-test';

interface Desk {
  readonly page: Page;
  readonly complaints: string[];
  readonly url: string;
}

describe('the dashboard of a launcher', () => {
  let browser: Browser;
  before(async function () {
    this.timeout(CHROMIUM_MS);
    browser = await startChromium();
  });
  after(() => browser.close());

  /** A launcher with the dashboard in a browser before it. */
  const watch = (
    steps: (desk: Desk, scene: Scene) => Promise<void>,
    token: string | undefined = TOKEN,
  ): Promise<void> =>
    play(config(), async (scene) => {
      const web = await startWeb({
        ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
        source: webSource(scene.own.launcher),
        adminToken: { file: () => undefined, fromEnvironment: token },
      });
      const url = `http://127.0.0.1:${web.port}/`;
      const opened = await openPage(browser, `${url}?tab=nodes`);
      const { page, complaints } = opened;
      try {
        await untilLive(page);
        await steps({ page, complaints, url }, scene);
      } finally {
        await opened.close();
        await web.close();
      }
    });

  const unlock = async (page: Page, token: string): Promise<void> => {
    await page.getByRole('button', { name: 'Unlock actions' }).click();
    await page.getByLabel('Admin token').fill(token);
    await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
  };

  it('holds and deletes a node for who has the token', () =>
    watch(async ({ page, complaints, url }, { zuul }) => {
      const { nodes } = await zuul.ask(['small']);
      const id = nodes[0] ?? '';
      const row = page.locator(`#nodes-${id}`);
      await row.getByText('ready', { exact: true }).waitFor();
      await row.click();
      const details = page.getByRole('complementary');
      await details.getByText('ready for').waitFor();
      assert.equal(await details.getByRole('button', { name: 'Delete' }).count(), 0);

      await unlock(page, 'a-wrong-token-of-somebody');
      await page.getByRole('alert').getByText('This token is not right.').waitFor();
      // The browser tells each answer of 401 in its console.
      assert.equal(complaints.splice(0).length, 1);
      await page.getByLabel('Admin token').fill(TOKEN);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });

      await details.getByRole('button', { name: 'Hold' }).click();
      await page.getByLabel('Comment').fill('for Ada');
      await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click();
      await details.getByText('hold for').waitFor();
      await details.getByText('for Ada').waitFor();
      const held = await zuul.node(id);
      assert.deepEqual([held?.state, held?.comment], ['hold', 'for Ada']);

      await details.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      assert.equal((await zuul.node(id))?.state, 'hold');
      await details.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete node' }).click();
      await details.getByText('It is not there any more').waitFor();
      await eventually(async () => {
        assert.equal(await zuul.node(id), undefined);
      });

      // Kept in memory only: neither the address nor a storage has it.
      const kept = await page.evaluate(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])',
      );
      assert.ok(!`${page.url()} ${String(kept)}`.includes(TOKEN));
      assert.ok(page.url().startsWith(url));
      assert.deepEqual(complaints, []);
    }));

  it('shows launches while they are under way, and is read-only without a token', () =>
    watch(async ({ page, complaints }, { zuul, cloud }) => {
      await page.getByText('read-only').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Unlock actions' }).isVisible(), false);
      await page.getByRole('tab', { name: /^Launches/ }).click();
      const { nodes } = await zuul.ask(['small']);
      const line = page.locator('.grid tbody tr', { hasText: nodes[0] ?? '' });
      await line.locator('.end-mark[data-tone=ready]').waitFor();
      assert.match(await line.locator('td.timeline').innerText(), /creating.*then ready/s);
      assert.equal(cloud.servers.length, 1);
      assert.deepEqual(complaints, []);
    }, ''));
});
