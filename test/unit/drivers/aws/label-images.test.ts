import assert from 'node:assert/strict';

import type { ProviderConfig, ProviderImage } from '../../../../schemas/config/model.ts';
import { CloudError } from '../../../../shared/base/errors.ts';
import { CloudFacts } from '../../../../shared/drivers/aws/facts.ts';
import { LabelImages } from '../../../../shared/drivers/aws/label-images.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const CALL = 'DescribeImages';
const MISSING = 'ami-0123456789abcdef0';

function configOf(imageId: string): ProviderConfig {
  const read = providerConfig(`
name: aws
driver: aws
region-name: us-west-2
cloud-images:
  - {name: fixed, username: zuul, image-id: ${imageId}}
  - {name: gone, username: zuul, image-id: ${MISSING}}
  - name: filtered
    username: zuul
    image-filters: [{name: name, values: [later, never]}, {Name: architecture, Values: [x86_64]}]
pools:
  - name: main
    labels:
      - {name: fixed, cloud-image: fixed, key-name: key, instance-type: t3.micro}
      - {name: gone, cloud-image: gone, key-name: key, instance-type: t3.micro}
      - {name: filtered, cloud-image: filtered, key-name: key, instance-type: t3.micro}
      - {name: again, cloud-image: filtered, key-name: key, instance-type: m5.large}
`);
  const disk = { name: 'disk', options: {} } as unknown as ProviderImage;
  return { ...read, diskimages: new Map([['disk', disk]]) };
}

async function subject() {
  const { clock, cloud, services, log, warnings } = await servicesSubject();
  const config = configOf(cloud.imageId);
  const facts = new CloudFacts({ images: services.images, clock });
  const images = new LabelImages({ config, facts, clock, log, checkSeconds: 300 });
  return {
    ...{ clock, cloud, images, warnings },
    isReady: (label: string) => images.isReady(labelOf(config, label).label),
    imageFor: async (label: string) =>
      (await images.imageFor(launchSpec(config, label), never())).ImageId,
    /** Of a label that boots from a disk image. */
    uploadFor: async (imageExternalId?: string) => {
      const { label } = labelOf(config, 'fixed');
      const ofDisk = { ...label, cloudImage: undefined, diskimage: 'disk' };
      const spec = launchSpec(config, 'fixed', { imageExternalId, label: ofDisk });
      return (await images.imageFor(spec, never())).ImageId;
    },
    settle: () => settleByTurning(clock, services.compute.instances(never())),
  };
}

const isFatal =
  (message: RegExp, hint?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof CloudError);
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.match(error.message, message);
    if (hint) assert.match(error.hint ?? '', hint);
    return true;
  };

describe('whether the image of a label is there', () => {
  it('is found out at the start; one that is missing is said, with what was wanted', async () => {
    const { cloud, images, isReady, warnings } = await subject();
    await images.prepare(never());
    assert.equal(countOf(cloud, CALL), 3);
    assert.deepEqual(['fixed', 'gone', 'filtered'].map(isReady), [true, false, false]);
    assert.deepEqual(
      warnings.map(({ fields }) => [fields?.image, fields?.wanted, fields?.place]),
      [
        ['gone', MISSING, 'section:pools.0.labels.1'],
        ['filtered', 'name: later or never, architecture: x86_64', 'section:pools.0.labels.2'],
      ],
    );
  });

  it('is found out again after a while, by one call for all who ask', async () => {
    const { clock, cloud, images, isReady, settle } = await subject();
    await images.prepare(never());
    cloud.plant.image({ name: 'later' });
    cloud.calls.length = 0;
    await clock.advance(299_000);
    assert.equal(isReady('filtered'), false);
    await settle();
    assert.equal(countOf(cloud, CALL), 0);
    await clock.advance(1000);
    assert.equal(isReady('filtered'), false);
    assert.equal(isReady('again'), false);
    await settle();
    assert.equal(countOf(cloud, CALL), 1);
    assert.equal(isReady('filtered'), true);
    assert.equal(isReady('again'), true);
  });

  it('is known from launches, too', async () => {
    const { clock, cloud, images, imageFor, isReady } = await subject();
    await images.prepare(never());
    const id = cloud.plant.image({ name: 'later' });
    assert.equal(await imageFor('filtered'), id);
    assert.equal(isReady('filtered'), true);
    cloud.images.deregister(id);
    await clock.advance(300_000);
    await assert.rejects(imageFor('filtered'));
    assert.equal(isReady('filtered'), false);
  });

  it('is asked again where the look failed, and it is said', async () => {
    const { clock, cloud, images, isReady, settle, warnings } = await subject();
    await images.prepare(never());
    warnings.length = 0;
    await clock.advance(300_000);
    cloud.arm({ call: CALL, mode: 'fail', status: 400, code: 'UnauthorizedOperation' });
    isReady('gone');
    await settle();
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['cloud image not looked for'],
    );
    cloud.calls.length = 0;
    isReady('gone');
    await settle();
    assert.equal(countOf(cloud, CALL), 0);
    cloud.plant.image({ id: MISSING } as object);
    await clock.advance(300_000);
    isReady('gone');
    await settle();
    assert.equal(isReady('gone'), true);
  });

  it('is not asked any more when the provider is closed', async () => {
    const { cloud, images, isReady, settle, warnings } = await subject();
    images.close();
    isReady('filtered');
    await settle();
    assert.equal(countOf(cloud, CALL), 0);
    assert.deepEqual(warnings, []);
  });
});

describe('the image of a launch', () => {
  it('is the configured id, or the newest that fits the filters', async () => {
    const { cloud, imageFor } = await subject();
    assert.equal(await imageFor('fixed'), cloud.imageId);
    const id = cloud.plant.image({ name: 'never' });
    assert.equal(await imageFor('filtered'), id);
  });

  it('is the upload of a disk image', async () => {
    const { cloud, uploadFor } = await subject();
    const id = cloud.plant.image();
    assert.equal(await uploadFor(id), id);
    await assert.rejects(uploadFor(), isFatal(/^label fixed: disk has no upload$/));
    await assert.rejects(
      uploadFor(MISSING),
      isFatal(/the upload ami-0123456789abcdef0 of disk is no AMI any more/, /us-west-2/),
    );
  });

  it('is an error that names what was wanted and where, where it is missing', async () => {
    const { imageFor } = await subject();
    await assert.rejects(
      imageFor('filtered'),
      isFatal(/label filtered: .* filtered \(name: later or never, /, /exists in us-west-2/),
    );
    await assert.rejects(imageFor('gone'), isFatal(/gone \(ami-0123456789abcdef0\)/));
  });
});
