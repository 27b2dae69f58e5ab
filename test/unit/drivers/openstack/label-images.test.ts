import assert from 'node:assert/strict';

import type { ProviderConfig, ProviderImage } from '../../../../schemas/config/model.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { CloudFacts } from '../../../../shared/drivers/openstack/facts.ts';
import { LabelImages } from '../../../../shared/drivers/openstack/label-images.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { countOf, never, servicesSubject } from './services.ts';

const CALL = 'GET images';
const read = providerConfig(`
name: cloud
driver: openstack
cloud: memory
cloud-images:
  - {name: image}
  - {name: renamed, image-name: real}
  - {name: fixed, image-id: some-id, config-drive: true}
pools:
  - name: main
    labels:
      - {name: plain, cloud-image: image, flavor-name: small}
      - {name: renamed, cloud-image: renamed, flavor-name: small}
      - {name: fixed, cloud-image: fixed, flavor-name: small}
`);

const disk = { name: 'disk', options: { configDrive: false } } as unknown as ProviderImage;
const config: ProviderConfig = { ...read, diskimages: new Map([['disk', disk]]) };

async function subject() {
  const { clock, cloud, services, networking, log, warnings } = await servicesSubject();
  const facts = new CloudFacts(services, networking);
  const images = new LabelImages({ config, facts, clock, log, checkSeconds: 300 });
  return {
    ...{ clock, cloud, images, facts, warnings },
    isReady: (label: string) => images.isReady(labelOf(config, label).label),
    imageFor: (label: string) => images.imageFor(launchSpec(config, label), never()),
    /** Of a label that boots from a disk image. */
    uploadFor: (imageExternalId?: string) => {
      const { label } = labelOf(config, 'plain');
      const ofDisk = { ...label, cloudImage: undefined, diskimage: 'disk' };
      return images.imageFor(
        launchSpec(config, 'plain', { imageExternalId, label: ofDisk }),
        never(),
      );
    },
  };
}

describe('whether the image of a label is there', () => {
  it('is found out at the start; one that is missing is said', async () => {
    const { images, isReady, warnings } = await subject();
    await images.prepare(never());
    assert.equal(isReady('plain'), true);
    assert.equal(isReady('renamed'), false);
    assert.equal(isReady('fixed'), true);
    assert.deepEqual(
      warnings.map(({ fields }) => [fields?.image, fields?.existing]),
      [['real', 'image']],
    );
  });

  it('is found out again after a while, by one call for all who ask', async () => {
    const { clock, cloud, images, isReady } = await subject();
    await images.prepare(never());
    cloud.plant.image({ name: 'real' });
    cloud.calls.length = 0;
    await clock.advance(299_000);
    assert.equal(isReady('renamed'), false);
    assert.equal(countOf(cloud, CALL), 0);
    await clock.advance(1000);
    assert.equal(isReady('renamed'), false);
    assert.equal(isReady('renamed'), false);
    await clock.advance(0);
    assert.equal(countOf(cloud, CALL), 1);
    assert.equal(isReady('renamed'), true);
  });

  it('is not asked any more when the provider is closed', async () => {
    const { clock, cloud, images, isReady, warnings } = await subject();
    images.close();
    isReady('renamed');
    await clock.advance(1000);
    assert.equal(countOf(cloud, CALL), 0);
    assert.deepEqual(warnings, []);
  });
});

describe('the image of a launch', () => {
  it('is the newest active one of the name', async () => {
    const { clock, cloud, imageFor } = await subject();
    cloud.plant.image({ name: 'real' });
    await clock.advance(5000);
    const newest = cloud.plant.image({ name: 'real' });
    await clock.advance(5000);
    cloud.plant.image({ name: 'real', status: 'queued' });
    const expected = { imageId: newest, imageName: 'renamed', configDrive: undefined };
    assert.deepEqual(await imageFor('renamed'), expected);
  });

  it('is the configured id, without a look', async () => {
    const { cloud, imageFor } = await subject();
    const expected = { imageId: 'some-id', imageName: 'fixed', configDrive: true };
    assert.deepEqual(await imageFor('fixed'), expected);
    assert.deepEqual(cloud.calls, []);
  });

  it('is the upload of a disk image', async () => {
    const { uploadFor } = await subject();
    const expected = { imageId: 'upload', imageName: 'disk', configDrive: false };
    assert.deepEqual(await uploadFor('upload'), expected);
    await assert.rejects(uploadFor(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
  });

  it('is an error that names what there is, where it is missing', async () => {
    const { imageFor } = await subject();
    await assert.rejects(imageFor('renamed'), (error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      return (error as { hint?: string }).hint === 'the cloud has: image';
    });
  });
});
