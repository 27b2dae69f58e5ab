/** The dashboard over time: connections that end, streams that are slow, logs that grow, much at once. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { DEMO_TOKEN } from '../../support/dashboard/stand-in.ts';
import { eventually } from '../../support/eventually.ts';
import { stage, untilLive } from '../../support/dashboard/watch.ts';

const SIZE = { nodes: 2000, requests: 100 };

const told = (page: Page): Promise<string | null> => page.locator('#banner').textContent();

describe('the connection of the dashboard', () => {
  const watch = stage(SIZE);

  it('comes back by itself, and what has gone meanwhile is gone', () =>
    watch(
      async ({ page, standIn, complaints }) => {
        const [first, second] = [...standIn.rows.nodes.keys()].toReversed();
        assert.ok(first !== undefined && second !== undefined);
        await page.locator(`#nodes-${first}`).waitFor();
        standIn.refusal = 503;
        standIn.drop();
        await page.locator('html[data-link=stale]').waitFor();
        assert.match(
          (await told(page)) ?? '',
          /connection is lost.*What is shown is of \d\d:\d\d:\d\d/,
        );
        await eventually(async () => {
          assert.match((await told(page)) ?? '', /too many watch this launcher/);
        });
        // What was is still there to be read.
        assert.ok(await page.locator(`#nodes-${first}`).isVisible());

        standIn.rows.nodes.delete(first);
        standIn.refusal = undefined;
        await page.getByRole('button', { name: 'Try now' }).click();
        await untilLive(page);
        await page.locator(`#nodes-${first}`).waitFor({ state: 'detached' });
        assert.ok(await page.locator(`#nodes-${second}`).isVisible());
        assert.equal(await page.locator('.row-count').textContent(), '1,999 nodes');
        assert.equal(await page.locator('#banner').isVisible(), false);
        // The browser tells each refused request in its console.
        complaints.splice(0);
      },
      { query: '?tab=nodes' },
    ));

  it('survives a launcher that is started anew', () =>
    watch(async ({ page, standIn, complaints }) => {
      const { port } = standIn;
      await standIn.close();
      await page.locator('html[data-link=stale]').waitFor();
      await eventually(async () => {
        assert.match((await told(page)) ?? '', /cannot be reached/);
      });
      await standIn.listen(port);
      await untilLive(page);
      complaints.splice(0);
    }));

  it('shows what has come of a slow stream, and says that it is not all', () =>
    watch(
      async ({ page, standIn }) => {
        standIn.isSlow = true;
        await page.reload();
        await page.locator('[aria-busy=true]').waitFor();
        await eventually(async () => {
          assert.equal(await page.locator('.row-count').textContent(), '500 nodes');
        });
        standIn.goOn();
        await untilLive(page);
        assert.equal(await page.locator('.row-count').textContent(), '2,000 nodes');
      },
      { query: '?tab=nodes' },
    ));

  it('says that the launcher has lost its ZooKeeper', () =>
    watch(async ({ page, standIn }) => {
      standIn.push('status', { ...standIn.status, is_current: false });
      await eventually(async () => {
        assert.match((await told(page)) ?? '', /no connection to ZooKeeper/);
      });
      standIn.push('status', standIn.status);
      await page.locator('#banner').waitFor({ state: 'hidden' });
    }));

  it('does not care for events and fields of a newer launcher', () =>
    watch(async ({ page, standIn }) => {
      standIn.push('weather', { is: 'fine' });
      standIn.push('change', { topic: 'clouds', set: [{ id: 'x' }], gone: [] });
      standIn.push('status', { ...standIn.status, launcher: 'newer', more: [{ deep: true }] });
      await page.getByRole('tab', { name: /^Providers/ }).click();
      await page.getByText('As launcher newer has them').waitFor();
    }));
});

describe('a build log in the dashboard', () => {
  const watch = stage({ nodes: 10, requests: 10 });
  const text = (page: Page): Promise<string> => page.locator('.log-text').innerText();

  /** Opens the log of the running build, and answers with the stream to write to. */
  const open = async (
    page: Page,
    standIn: { logs: { write(text: string): unknown; end(): unknown; destroy(): unknown }[] },
  ) => {
    await page
      .getByRole('link', { name: /^Log of build debian-bookworm/ })
      .first()
      .click();
    await eventually(() => standIn.logs.length > 0);
    const log = standIn.logs.at(-1);
    assert.ok(log);
    return log;
  };

  it('grows while it is looked at, follows its end, and says when it is over', () =>
    watch(
      async ({ page, standIn }) => {
        const log = await open(page, standIn);
        log.write(`${Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n')}\n`);
        await eventually(async () => (await text(page)).includes('line 299'));
        const isAtEnd =
          '((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 40)(document.querySelector(".log-text"))';
        await eventually(async () => (await page.evaluate(isAtEnd)) === true);
        const follow = page.getByLabel('Follow the end');
        assert.ok(await follow.isChecked());

        // Who reads further up is left where he is.
        await page.locator('.log-text').focus();
        await page.keyboard.press('Home');
        await eventually(async () => !(await follow.isChecked()));
        log.write('something new\n');
        await eventually(async () => (await text(page)).includes('something new'));
        assert.equal(await page.evaluate(isAtEnd), false);
        await follow.check();
        await eventually(async () => (await page.evaluate(isAtEnd)) === true);

        log.write('the last word');
        log.end();
        await page.getByText(/^The log has ended/).waitFor();
        assert.ok((await text(page)).trimEnd().endsWith('the last word'));
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await eventually(() => !new URL(page.url()).searchParams.has('log'));
      },
      { query: '?tab=images' },
    ));

  it('is asked for again where it was cut off, and is no HTML', () =>
    watch(
      async ({ page, standIn, complaints }) => {
        const log = await open(page, standIn);
        log.write('<img src=x onerror="window.evil=1">\u001b[31mred\n');
        await eventually(async () => (await text(page)).includes('<img src=x'));
        assert.ok((await text(page)).includes('">red'));
        log.destroy();
        await page.getByText(/^The log was cut off/).waitFor();
        await page.getByRole('button', { name: 'Try again' }).click();
        await eventually(() => standIn.logs.length > 1);
        standIn.logs.at(-1)?.write('here again\n');
        await eventually(async () => (await text(page)) === 'here again\n');
        assert.equal(await page.evaluate('window.evil'), undefined);
        complaints.splice(0);
      },
      { query: '?tab=images' },
    ));

  it('wants the token where logs are kept from others', () =>
    watch(
      async ({ page, standIn, complaints }) => {
        standIn.areLogsKept = true;
        const link = page.getByRole('link', { name: /^Log of build debian-bookworm/ }).first();
        await link.click();
        await page.getByText('may be read with the admin token only').waitFor();
        assert.equal(await page.getByRole('link', { name: 'whole log' }).isVisible(), false);
        await page.getByRole('button', { name: 'Close' }).click();
        await page.getByRole('button', { name: 'Unlock actions' }).click();
        await page.getByLabel('Admin token').fill(DEMO_TOKEN);
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        (await open(page, standIn)).write('for operators\n');
        await eventually(async () => (await text(page)).includes('for operators'));
        // The browser tells each answer of 401 in its console.
        assert.equal(complaints.splice(0).length, 2);
      },
      { query: '?tab=images' },
    ));

  it('keeps the end of a long one, and little of it', () =>
    watch(
      async ({ page, standIn }) => {
        const log = await open(page, standIn);
        for (let part = 0; part < 60; part++)
          log.write(
            Array.from(
              { length: 1000 },
              (_, index) => `line ${part * 1000 + index} ${'x'.repeat(60)}\n`,
            ).join(''),
          );
        log.end();
        await page.getByText(/^The log has ended/).waitFor();
        const shown = await text(page);
        assert.ok(shown.includes('line 59999 '));
        assert.ok(!shown.includes('line 49000 '));
        assert.ok((await page.locator('.log-block').count()) <= 50);
        await page.getByText(/only the last 10,000 lines are kept here/).waitFor();
      },
      { query: '?tab=images' },
    ));
});
