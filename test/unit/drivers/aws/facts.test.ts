import assert from 'node:assert/strict';

import type { Image } from '@aws-sdk/client-ec2';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { Images } from '../../../../shared/drivers/aws/client/images.ts';
import { CloudFacts } from '../../../../shared/drivers/aws/facts.ts';
import { countOf, never, servicesSubject } from './services.ts';

const CALL = 'DescribeImages';
const BY_NAME = [{ name: 'name', values: ['image', 'planted'] }];

async function subject() {
  const { clock, cloud, services } = await servicesSubject();
  const facts = new CloudFacts({ images: services.images, clock });
  return {
    ...{ clock, cloud, facts },
    image: async (id: string) => (await facts.image(id, never()))?.ImageId,
    newest: async (filters = BY_NAME) => (await facts.newest(filters, never()))?.ImageId,
  };
}

describe('images of the cloud', () => {
  it('are known by id for good, with their volumes', async () => {
    const { clock, cloud, facts, image } = await subject();
    const first = await facts.image(cloud.imageId, never());
    assert.equal(first?.BlockDeviceMappings?.[0]?.DeviceName, '/dev/sda1');
    await clock.advance(3600_000);
    assert.equal(await image(cloud.imageId), cloud.imageId);
    assert.equal(countOf(cloud, CALL), 1);
    facts.drop();
    await image(cloud.imageId);
    assert.equal(countOf(cloud, CALL), 2);
  });

  it('that are missing are asked for again', async () => {
    const { cloud, image, newest } = await subject();
    const id = 'ami-0123456789abcdef0';
    const none = [{ name: 'name', values: ['later'] }];
    assert.equal(await image(id), undefined);
    assert.equal(await newest(none), undefined);
    cloud.plant.image({ id, name: 'later' } as object);
    assert.equal(await image(id), id);
    assert.equal(await newest(none), id);
  });

  it('by filters are the newest ones, for five minutes', async () => {
    const { clock, cloud, newest } = await subject();
    assert.equal(await newest(), cloud.imageId);
    await clock.advance(60_000);
    const planted = cloud.plant.image();
    cloud.plant.image({ createdMs: 0 });
    cloud.plant.image({ name: 'other' });
    await clock.advance(239_000);
    assert.equal(await newest(), cloud.imageId);
    assert.equal(countOf(cloud, CALL), 1);
    await clock.advance(1000);
    assert.equal(await newest(), planted);
    assert.equal(await newest([{ name: 'name', values: ['image'] }]), cloud.imageId);
    assert.equal(countOf(cloud, CALL), 3);
  });

  it('by filters are asked for anew when they are dropped', async () => {
    const { clock, cloud, facts, newest } = await subject();
    await newest();
    await clock.advance(1000);
    const planted = cloud.plant.image();
    facts.drop();
    assert.equal(await newest(), planted);
  });

  it('by filters are none that can not be used yet', async () => {
    const images: Image[] = [
      { ImageId: 'ami-1', State: 'available', CreationDate: '2026-01-01T00:00:00.000Z' },
      { ImageId: 'ami-2', State: 'pending', CreationDate: '2026-01-02T00:00:00.000Z' },
      { ImageId: 'ami-3', State: 'failed', CreationDate: '2026-01-03T00:00:00.000Z' },
    ];
    const client = { find: () => Promise.resolve(images) } as unknown as Images;
    const facts = new CloudFacts({ images: client, clock: new ManualClock() });
    assert.equal((await facts.newest(BY_NAME, never()))?.ImageId, 'ami-1');
  });
});
