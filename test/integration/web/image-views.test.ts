/** The launcher's cache of images, as its web server shows it. */
import assert from 'node:assert/strict';
import { silentLogger } from '../../../shared/base/log.ts';
import { ImageStore } from '../../../shared/store/images.ts';
import { imageSource } from '../../../shared/web/image-views.ts';
import type { ImageSource } from '../../../shared/web/source.ts';
import { build, BUILDS, putImages } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';

describe('images in the launcher’s cache', () => {
  let site: CliSite;
  let store: ImageStore;
  let source: ImageSource;

  before(async () => {
    site = await CliSite.make();
    await putImages(site);
    store = new ImageStore(site.client, silentLogger);
    await store.tree.start(AbortSignal.timeout(20_000));
    source = imageSource(store);
  });
  after(async () => {
    await store.tree.stop();
    await site.close();
  });

  it('are sorted level by level', async () => {
    await site.put(`/nodepool/images/debian/builds/${BUILDS.ready}`, build());
    await eventually(() => source.builds().length === 7);
    assert.deepEqual(
      source.builds().map(({ image }) => image),
      ['Fedora', 'debian', ...Array<string>(4).fill('debian-trixie'), 'jammy'],
    );
    assert.deepEqual(
      source.uploads().map(({ provider, upload }) => `${provider} ${upload}`),
      [
        'cloud-one 0000000001',
        'cloud-one 0000000004',
        'cloud-two 0000000002',
        'cloud-two 0000000003',
      ],
    );
  });

  it('tell who is paused and who is asked for', () => {
    const views = source.images();
    assert.deepEqual(
      views.filter(({ isPaused }) => isPaused).map(({ name }) => name),
      ['Fedora'],
    );
    assert.deepEqual(
      views.flatMap(({ name, request }) => (request ? [[name, request.isBuilding]] : [])),
      [
        ['focal', false],
        ['jammy', true],
        ['noble', false],
      ],
    );
  });

  it('tell since when a build is asked for', async () => {
    const path = '/nodepool/images/empty/request-build';
    await site.client.ensurePath(path);
    const stat = await site.client.exists(path);
    assert.ok(stat);
    const requestOf = () => source.images().find(({ name }) => name === 'empty')?.request;
    await eventually(() => requestOf() !== undefined);
    assert.equal(requestOf()?.createdAt, stat.ctime / 1000);
    await site.client.delete(path);
    await eventually(() => requestOf() === undefined);
  });
});
