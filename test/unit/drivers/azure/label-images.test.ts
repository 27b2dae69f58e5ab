import assert from 'node:assert/strict';
import type { Image } from '@azure/arm-compute';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { ProviderConfig, ProviderImage } from '../../../../schemas/config/model.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger, type LogFields } from '../../../../shared/base/log.ts';
import { LabelImages } from '../../../../shared/drivers/azure/label-images.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';

const CLOUD_IMAGES: Readonly<Record<string, string>> = {
  market: 'image-reference: {sku: s, publisher: p, version: latest, offer: o}',
  fixed: 'image-id: /images/fixed',
  filtered: 'image-filter: {name: base}',
  community: 'community-gallery-image: {gallery-name: g, name: n}',
  'community-version': "community-gallery-image: {gallery-name: g, name: n, version: '1.0'}",
  shared: 'shared-gallery-image: {gallery-name: g, name: n}',
  'shared-version': "shared-gallery-image: {gallery-name: g, name: n, version: '2.1'}",
};
const names = Object.keys(CLOUD_IMAGES);
const read = providerConfig(`
name: azure
driver: azure
location: eastus
resource-group: nodepool
resource-group-location: eastus
auth-path: /none
cloud-images:
${names.map((name) => `  - {name: ${name}, username: zuul, ${CLOUD_IMAGES[name] ?? ''}}`).join('\n')}
pools:
  - name: main
    max-servers: 10
    labels:
${names.map((name) => `      - {name: ${name}, cloud-image: ${name}, hardware-profile: {vm-size: B}}`).join('\n')}
`);
const disk = { name: 'disk', options: {} } as unknown as ProviderImage;
const config: ProviderConfig = { ...read, diskimages: new Map([['disk', disk]]) };
const never = (): AbortSignal => new AbortController().signal;

function subject() {
  const clock = new ManualClock();
  const stock: Image[] = [];
  const calls: string[] = [];
  const warnings: LogFields[] = [];
  const images = new LabelImages({
    ...{ config, clock, checkSeconds: 300 },
    images: {
      list: () => {
        calls.push('list');
        return Promise.resolve([...stock]);
      },
      get: (name) => {
        calls.push(`get ${name}`);
        return Promise.resolve(stock.find((one) => one.name === name));
      },
    },
    log: {
      ...silentLogger,
      warn: (_, fields) => {
        if (fields) warnings.push(fields);
      },
    },
  });
  return {
    ...{ clock, stock, calls, warnings, images },
    add: (name: string): void => {
      const provisioningState = 'Succeeded';
      stock.push({ name, id: `/images/${name}`, location: 'eastus', provisioningState });
    },
    isReady: (label: string) => images.isReady(labelOf(config, label).label),
    imageFor: (label: string) => images.imageFor(launchSpec(config, label), never()),
    /** Of a label that boots from a disk image. */
    uploadFor: (imageExternalId?: string) => {
      const { label } = labelOf(config, 'fixed');
      const ofDisk = { ...label, cloudImage: undefined, diskimage: 'disk' };
      const changes = { imageExternalId, label: ofDisk };
      return images.imageFor(launchSpec(config, 'fixed', changes), never());
    },
  };
}

describe('whether the image of an azure label is there', () => {
  it('is found out at the start where there is a filter; one that is missing is said', async () => {
    const { images, isReady, add, warnings, calls } = subject();
    add('other');
    await images.prepare(never());
    assert.deepEqual(
      names.filter((name) => !isReady(name)),
      ['filtered'],
    );
    assert.deepEqual(
      warnings.map(({ image, existing }) => [image, existing]),
      [['filtered', 'the resource group has: other']],
    );
    assert.deepEqual(calls, ['list']);
  });

  it('is found out again after a while, by one call for all who ask', async () => {
    const { clock, images, isReady, add, calls } = subject();
    await images.prepare(never());
    add('base');
    await clock.advance(299_000);
    assert.equal(isReady('filtered'), false);
    await clock.advance(1000);
    assert.equal(isReady('filtered'), false);
    assert.equal(isReady('filtered'), false);
    await clock.advance(0);
    assert.equal(isReady('filtered'), true);
    assert.deepEqual(calls, ['list', 'list']);
  });

  it('is not asked any more when the provider is closed', async () => {
    const { clock, images, isReady, calls, warnings } = subject();
    images.close();
    isReady('filtered');
    await clock.advance(1000);
    assert.deepEqual([calls, warnings], [[], []]);
  });
});

describe('the image of an azure launch', () => {
  const configured: readonly [string, object][] = [
    ['market', { sku: 's', publisher: 'p', version: 'latest', offer: 'o' }],
    ['fixed', { id: '/images/fixed' }],
    ['community', { communityGalleryImageId: '/CommunityGalleries/g/Images/n' }],
    [
      'community-version',
      { communityGalleryImageId: '/CommunityGalleries/g/Images/n/Versions/1.0' },
    ],
    ['shared', { sharedGalleryImageId: '/SharedGalleries/g/Images/n' }],
    ['shared-version', { sharedGalleryImageId: '/SharedGalleries/g/Images/n/Versions/2.1' }],
  ];
  for (const [label, expected] of configured)
    it(`is the configured one, without a look: ${label}`, async () => {
      const { imageFor, calls } = subject();
      assert.deepEqual(await imageFor(label), expected);
      assert.deepEqual(calls, []);
    });

  it('is what the filter finds, by one listing a minute', async () => {
    const { clock, imageFor, add, calls, isReady } = subject();
    add('base');
    assert.deepEqual(await imageFor('filtered'), { id: '/images/base' });
    await clock.advance(59_000);
    await imageFor('filtered');
    assert.deepEqual(calls, ['list']);
    await clock.advance(1000);
    await imageFor('filtered');
    assert.deepEqual(calls, ['list', 'list']);
    assert.equal(isReady('filtered'), true);
  });

  it('is an error that names what there is, where the filter finds none', async () => {
    const { imageFor, add, isReady } = subject();
    add('other');
    await assert.rejects(imageFor('filtered'), (error: Error & { hint?: string }) => {
      assert.match(error.message, /label filtered: there is no image with name: base/);
      assert.equal(error.hint, 'the resource group has: other');
      return hasCode(error, 'NP_CLOUD_FATAL');
    });
    assert.equal(isReady('filtered'), false);
  });

  it('is an upload of ours, looked up once', async () => {
    const { uploadFor, add, calls, images } = subject();
    add('disk-1');
    const expected = { id: '/images/disk-1' };
    assert.deepEqual(await uploadFor('disk-1'), expected);
    assert.deepEqual(await uploadFor('disk-1'), expected);
    assert.deepEqual(calls, ['get disk-1']);
    images.drop();
    assert.deepEqual(await uploadFor('disk-1'), expected);
    assert.equal(calls.length, 2);
  });

  it('is an error where the upload is gone, or there is none', async () => {
    const { uploadFor } = subject();
    for (const id of ['disk-1', undefined])
      await assert.rejects(uploadFor(id), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
  });
});
