import assert from 'node:assert/strict';

import { NodepoolError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { VpcImage } from '../../../../shared/drivers/ibmvpc/client/model.ts';
import { LabelImages } from '../../../../shared/drivers/ibmvpc/label-images.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { labelOf } from '../../../support/provider-config.ts';
import { ibmVpcSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

function image(id: string, name = id): VpcImage {
  return {
    ...{ id, name, href: undefined, group: { id: 'g' }, status: 'available', reasons: [] },
    ...{ ownerType: 'provider', operatingSystem: { family: 'Debian GNU/Linux' } },
  };
}

const IMAGES = [
  'name: by-id, keys: [a, b], image-id: r006-1',
  'name: by-url, image-href: "https://us-south.test/v1/images/r006-2"',
  'name: by-name, image-name: wanted',
  'name: by-filter, image-filter: {owner-type: provider}',
  'name: by-none, image-filter: {operating-system: {family: Plan 9}}',
];
const NAMES = ['by-id', 'by-url', 'by-name', 'by-filter', 'by-none'];

function subject(all: VpcImage[] = [image('i1'), image('i2', 'wanted')]) {
  const { clock, config } = ibmVpcSubject({}, '', {
    images: IMAGES,
    labels: NAMES.map((name) => `name: ${name}, cloud-image: ${name}`),
  });
  let calls = 0;
  const list = (): Promise<readonly VpcImage[]> => {
    calls++;
    return Promise.resolve([...all]);
  };
  const images = new LabelImages({
    ...{ config, clock, images: { list }, log: silentLogger, checkSeconds: 300 },
  });
  return {
    ...{ images, clock, all, count: () => calls },
    imageOf: (label: string, imageExternalId?: string) =>
      images.imageFor(launchSpec(config, label, { imageExternalId }), never()),
    isReady: (label: string) => images.isReady(labelOf(config, label).label),
    keysOf: (label: string) => images.keysOf(labelOf(config, label).label),
  };
}

describe('the image of a label of IBM VPC', () => {
  it('is the one that the configuration names, which nobody looks for', async () => {
    const { imageOf, count, isReady } = subject();
    assert.deepEqual(await imageOf('by-id'), { id: 'r006-1' });
    assert.deepEqual(await imageOf('by-url'), { href: 'https://us-south.test/v1/images/r006-2' });
    assert.ok(isReady('by-id') && isReady('by-url'));
    assert.equal(count(), 0);
  });

  it('is looked for by name or filter, with one listing for a minute', async () => {
    const { imageOf, count, clock } = subject();
    assert.deepEqual(await imageOf('by-name'), { id: 'i2' });
    assert.deepEqual(await imageOf('by-filter'), { id: 'i1' });
    assert.equal(count(), 1);
    await clock.advance(60_000);
    await imageOf('by-name');
    assert.equal(count(), 2);
  });

  it('is the upload, where the label has a disk image', async () => {
    const { imageOf } = subject();
    assert.deepEqual(await imageOf('uploaded', 'r006-9'), { id: 'r006-9' });
    await assert.rejects(imageOf('uploaded'), /label uploaded: uploaded has no upload/);
  });

  it('that is not there says what there is', async () => {
    const { imageOf, isReady } = subject();
    await assert.rejects(imageOf('by-none'), (error) => {
      assert.ok(error instanceof NodepoolError && error.code === 'NP_CLOUD_FATAL');
      assert.match(error.message, /there is no image with operating-system: .*Plan 9/);
      assert.equal(error.hint, 'the region has: i1, wanted');
      return true;
    });
    assert.equal(isReady('by-none'), false);
  });

  it('is looked for at the start, and again once it is missing', async () => {
    const { images, isReady, all, clock } = subject([]);
    await images.prepare(never());
    assert.deepEqual(NAMES.filter(isReady), ['by-id', 'by-url']);
    all.push(image('i2', 'wanted'));
    await clock.advance(300_000);
    isReady('by-name');
    await clock.advance(0);
    assert.equal(isReady('by-name'), true);
  });

  it('is known to be there once a launch has found it', async () => {
    const { images, isReady, imageOf, all } = subject([]);
    await images.prepare(never());
    all.push(image('i2', 'wanted'));
    images.drop();
    await imageOf('by-name');
    assert.equal(isReady('by-name'), true);
  });

  it('is listed anew when what is known may be outdated', async () => {
    const { images, imageOf, all } = subject();
    await imageOf('by-name');
    all.splice(1, 1, image('i3', 'wanted'));
    images.drop();
    assert.deepEqual(await imageOf('by-name'), { id: 'i3' });
  });

  it('brings its keys', () => {
    const { keysOf } = subject();
    assert.deepEqual(keysOf('by-id'), { image: 'by-id', keys: ['a', 'b'] });
    assert.deepEqual(keysOf('by-url').keys, []);
    assert.deepEqual(keysOf('uploaded').keys, []);
  });
});
