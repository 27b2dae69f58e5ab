/**
 * One stand-in and one browser for the tests of a file, and a page of its own for each test. A test fails
 * where the browser has complained of anything: an error in the console, a violation of the policy.
 */
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { CHROMIUM_MS, openPage, startChromium } from './chromium.ts';
import type { DemoSize } from './demo-rows.ts';
import { StandIn } from './stand-in.ts';

export interface Watched {
  readonly page: Page;
  readonly standIn: StandIn;
  /** Of the browser; a test that provokes them empties it. */
  readonly complaints: string[];
}

export interface WatchOptions extends BrowserContextOptions {
  /** Of the address: `?tab=nodes`. */
  readonly query?: string;
}

/** Runs the steps of a test. */
export type Watch = (
  steps: (watched: Watched) => Promise<void>,
  options?: WatchOptions,
) => Promise<void>;

/** For the body of a `describe`. */
export function stage(size: DemoSize): Watch {
  const made: { browser?: Browser; standIn?: StandIn } = {};
  before(async function () {
    this.timeout(CHROMIUM_MS);
    made.browser = await startChromium();
  });
  beforeEach(async () => {
    made.standIn = await StandIn.start(size);
  });
  afterEach(() => made.standIn?.close());
  after(() => made.browser?.close());
  return async (steps, { query = '', ...options } = {}) => {
    const [browser, standIn] = [there(made.browser), there(made.standIn)];
    const opened = await openPage(browser, standIn.url + query, options);
    const { page, complaints } = opened;
    try {
      await untilLive(page);
      await steps({ page, standIn, complaints });
      assert.deepEqual(complaints, []);
    } finally {
      await opened.close();
    }
  };
}

export async function untilLive(page: Page): Promise<void> {
  await page.locator('html[data-link=live]').waitFor();
  await page.locator('[aria-busy]').waitFor({ state: 'detached' });
}

function there<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('it has not been started');
  return thing;
}
