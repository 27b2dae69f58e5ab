/**
 * What a launcher's web server shows of images, by Python's functions and by ours, byte for byte. Skipped
 * where there is no Python Nodepool.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ImageStore } from '../../../shared/store/images.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { imageSource } from '../../../shared/web/image-views.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { putImages, still } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';
import { quietSource } from '../../support/web-source.ts';
import { peersOrSkip } from '../../support/peers.ts';

type Shapes = Record<'pretty' | 'json', string>;

describe('the web server’s lists of images, beside Python’s', () => {
  let site: CliSite | undefined;
  let store: ImageStore | undefined;
  let web: WebServer | undefined;
  let base: string;
  let theirs: Record<string, Shapes>;

  before(async function () {
    const peers = await peersOrSkip(this);
    site = await CliSite.make();
    await putImages(site);
    store = new ImageStore(site.client, silentLogger);
    await store.tree.start(AbortSignal.timeout(20_000));
    web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
      source: quietSource({ images: imageSource(store) }),
    });
    base = `http://127.0.0.1:${web.port}`;
    const script = join(import.meta.dirname, 'web-lists.py');
    const output = await run(peers.nodepoolPython, [script, site.configPath]);
    theirs = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Record<string, Shapes>;
  });
  after(async () => {
    await web?.close();
    await store?.tree.stop();
    await site?.close();
  });

  /** Python's cache never knows that an image is paused, as it holds no image whose znode is empty. */
  const unpaused = (text: string): string =>
    text.replace('| paused   |', '| ready    |').replace('"state": "paused"', '"state": "ready"');

  for (const path of ['/image-list', '/dib-image-list', '/image-status']) {
    it(`are the same tables: ${path}`, async () => {
      const ours = await (await fetch(base + path)).text();
      assert.equal(still(unpaused(ours)), still(String(theirs[path]?.pretty)));
    });

    it(`are the same JSON: ${path}`, async () => {
      const ours = await fetch(base + path, { headers: { accept: 'application/json' } });
      assert.equal(unpaused(await ours.text()), theirs[path]?.json);
    });
  }
});
