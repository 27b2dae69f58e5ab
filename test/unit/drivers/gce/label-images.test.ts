import assert from 'node:assert/strict';

import { CloudError, hasCode } from '../../../../shared/base/errors.ts';
import { labelOf } from '../../../support/provider-config.ts';
import { openProvider, type OpenProvider } from './provider-subject.ts';

describe('gce: images of labels', () => {
  let open: OpenProvider;
  afterEach(() => {
    open.close();
  });

  const source = (name: string): unknown =>
    open.cloud.compute.instances.get(name)?.request?.disks?.[0]?.initializeParams?.sourceImage;

  const ready = (label: string): boolean =>
    open.provider.isLabelReady(labelOf(open.config, label).label);

  it('are the newest of their family, asked for once a minute', async () => {
    open = await openProvider();
    const { launch, specOf, cloud, count, clock } = open;
    await launch(specOf({ nodeId: '0000000001' }));
    await launch(specOf({ nodeId: '0000000002' }));
    assert.equal(count('GET images/family/*'), 0, 'the start has asked');
    assert.match(
      String(source('np0000000001')),
      /projects\/debian-cloud\/global\/images\/debian-12/,
    );
    await clock.advance(60_000);
    cloud.plant.image({
      ...{ name: 'debian-12-new', project: 'debian-cloud', family: 'debian-12' },
      createdMs: Date.UTC(2030, 0, 1),
    });
    await launch(specOf({ nodeId: '0000000003' }));
    assert.equal(count('GET images/family/*'), 1);
    assert.match(String(source('np0000000003')), /debian-12-new$/);
  });

  it('are by their id what the configuration says, and not looked for', async () => {
    open = await openProvider();
    open.cloud.plant.image({ name: 'golden' });
    await open.launch(open.specOf({}, 'golden'));
    assert.equal(source('np0000000001'), 'projects/nodepool-project/global/images/golden');
    assert.equal(open.count('GET images/*') + open.count('GET images/family/*'), 0);
  });

  it('of a family without a project are ours', async () => {
    open = await openProvider(
      {},
      {},
      { images: ['name: own, image-family: mine'], labels: ['name: own, cloud-image: own'] },
    );
    assert.equal(ready('own'), false);
    open.cloud.plant.image({ name: 'mine-1', family: 'mine' });
    await open.clock.advance(301_000);
    assert.equal(ready('own'), false);
    await open.clock.advance(1000);
    assert.equal(ready('own'), true);
    await open.launch(open.specOf({}, 'own'));
    assert.match(String(source('np0000000001')), /projects\/nodepool-project\/.*mine-1$/);
  });

  it('that are missing are said, and what was asked for', async () => {
    open = await openProvider(
      {},
      {},
      {
        images: ['name: gone, image-family: gone, image-project: other', 'name: empty'],
        labels: ['name: gone, cloud-image: gone', 'name: empty, cloud-image: empty'],
      },
    );
    assert.equal(open.lines.length, 2);
    for (const [label, words] of [
      ['gone', /label gone: project other has no image of family gone/],
      ['empty', /cloud image empty has neither image-id nor image-family/],
    ] as const) {
      assert.equal(ready(label), false);
      await assert.rejects(open.launch(open.specOf({}, label)), (error) => {
        assert.ok(error instanceof CloudError && hasCode(error, 'NP_CLOUD_FATAL'));
        assert.match(error.message, words);
        return true;
      });
    }
    assert.equal(open.count('POST instances'), 0);
  });

  it('that were replaced while they were kept are chosen anew, once', async () => {
    open = await openProvider();
    const { cloud, launch, count } = open;
    cloud.compute.images = [];
    cloud.plant.image({ name: 'debian-12-new', project: 'debian-cloud', family: 'debian-12' });
    await launch();
    assert.equal(count('POST instances'), 2);
    assert.match(String(source('np0000000001')), /debian-12-new$/);
  });
});
