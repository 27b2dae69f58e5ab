/** The dashboard in a real browser, before a made-up cluster of 10,000 nodes. */
import assert from 'node:assert/strict';

import type { NodeRow } from '../../../shared/web/dashboard/types.ts';
import { eventually } from '../../support/eventually.ts';
import { stage, untilLive } from '../../support/dashboard/watch.ts';

const SIZE = { nodes: 10_000, requests: 5000 };

/** The newest of all, so that it stands first. */
const newest = (standIn: { rows: { nodes: Map<string, NodeRow> } }): NodeRow => {
  const [row] = standIn.rows.nodes.values();
  assert.ok(row);
  return { ...row, id: '9999999999', state: 'ready', comment: 'has just come' };
};

describe('the dashboard', () => {
  const watch = stage(SIZE);

  it('shows counts, and says that it is live', () =>
    watch(async ({ page }) => {
      assert.equal(await page.locator('#link-state').textContent(), 'live');
      const tiles = await page.getByRole('list', { name: 'Counts' }).innerText();
      assert.match(tiles, /Waiting\s+4,000/);
      assert.match(tiles, /Nodes\s+10,000/);
      assert.equal(await page.locator('#tab-requests').innerText(), 'Requests\n5,000');
    }));

  it('draws only the rows that can be seen, and tells how many there are', () =>
    watch(
      async ({ page }) => {
        const grid = page.getByRole('grid', { name: 'Nodes' });
        assert.equal(await grid.getAttribute('aria-rowcount'), '10001');
        const rows = page.locator('.grid tbody tr:not(.spacer)');
        assert.ok((await rows.count()) < 80);
        assert.equal(await rows.first().getAttribute('aria-rowindex'), '2');
        await grid.focus();
        await page.keyboard.press('End');
        const last = page.locator('.grid tr[aria-rowindex="10001"]');
        await last.waitFor();
        assert.match((await last.innerText()).trim(), /^0004200000/);
        assert.equal(
          await grid.getAttribute('aria-activedescendant'),
          await last.getAttribute('id'),
        );
        assert.ok((await rows.count()) < 80);
      },
      { query: '?tab=nodes' },
    ));

  it('shows what comes, changes and goes', () =>
    watch(
      async ({ page, standIn }) => {
        const row = page.locator('#nodes-9999999999');
        standIn.set('nodes', newest(standIn));
        await row.getByText('ready', { exact: true }).waitFor();
        standIn.set('nodes', { ...newest(standIn), state: 'in-use' });
        await row.getByText('in use', { exact: true }).waitFor();
        standIn.remove('nodes', '9999999999');
        await row.waitFor({ state: 'detached' });
      },
      { query: '?tab=nodes' },
    ));

  it('keeps filters, order and selection in the address, and goes back', () =>
    watch(
      async ({ page, standIn }) => {
        const shown = page.locator('.row-count');
        await page.getByRole('button', { name: /^hold/ }).click();
        await page.getByRole('searchbox', { name: 'Search nodes' }).fill('arm64 flaky');
        await eventually(async () => {
          assert.match((await shown.textContent()) ?? '', /^\d+ of 10,000 nodes$/);
        });
        const count = await shown.textContent();
        await page.locator('.grid tbody tr:not(.spacer)').first().click();
        await page.getByRole('heading', { name: /^Node 0004/ }).waitFor();
        const query = new URL(page.url()).searchParams;
        assert.equal(query.get('state'), 'hold');
        assert.equal(query.get('q'), 'arm64 flaky');
        assert.match(query.get('sel') ?? '', /^node:0004/);

        // Whoever gets the address sees the same.
        await page.goto(`${standIn.url}?${query.toString()}`);
        await untilLive(page);
        assert.equal(await shown.textContent(), count);
        await page.getByRole('heading', { name: /^Node 0004/ }).waitFor();

        await page.getByRole('tab', { name: /^Requests/ }).click();
        await page.goBack();
        await eventually(async () => {
          assert.equal(await shown.textContent(), count);
        });
      },
      { query: '?tab=nodes' },
    ));

  it('tells why a request waits', () =>
    watch(
      async ({ page, standIn }) => {
        const [first] = standIn.status.requests;
        assert.ok(first);
        const row = page.locator(`#requests-${first.id}`);
        assert.match(await row.innerText(), new RegExp(first.reason.slice(0, 20)));
        await row.getByRole('link').click();
        await page.getByText('5 of 8 cores missing (quota of the cloud)').waitFor();
        await page.getByText('12 requests before it').waitFor();
      },
      { query: '?tab=requests&state=requested' },
    ));

  it('never reads text of the cluster as HTML', () =>
    watch(async ({ page, standIn }) => {
      const evil = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>';
      const node = { ...newest(standIn), labels: [evil], hostname: evil, comment: evil };
      standIn.set('nodes', { ...node, provider: evil, pool: evil, tenant: evil, az: evil });
      standIn.set('images', {
        id: evil,
        paused: false,
        build_request: null,
        build_request_time: null,
      });
      standIn.set('components', {
        id: 'x',
        kind: evil,
        hostname: evil,
        state: evil,
        version: evil,
      });
      const status = structuredClone(standIn.status);
      for (const one of [...status.requests, ...status.reasons])
        Object.assign(one, { reason: evil, text: evil });
      for (const one of status.launches) Object.assign(one, { label: evil, problem: evil });
      for (const one of status.providers) Object.assign(one, { problem: evil, driver: evil });
      standIn.push('status', status);
      standIn.push('hello', {
        launcher: evil,
        version: evil,
        now: Date.now() / 1000,
        may_act: true,
      });
      await page.locator('#launcher', { hasText: '<img' }).waitFor();
      const seen = [];
      for (const tab of [
        'Overview',
        'Requests',
        'Nodes',
        'Launches',
        'Providers',
        'Images',
        'Processes',
      ]) {
        await page.getByRole('tab', { name: tab }).click();
        seen.push([tab, (await page.locator('#panel').innerText()).includes('<img src=x')]);
      }
      assert.deepEqual(
        seen.filter(([, isSeen]) => isSeen !== true),
        [],
      );
      await page.getByRole('tab', { name: 'Nodes' }).click();
      await page.locator('#nodes-9999999999').click();
      await page.locator('aside dd', { hasText: '<img' }).first().waitFor();
      assert.equal(await page.locator('img, body script').count(), 0);
      assert.equal(await page.evaluate('window.evil'), undefined);
    }));
});
