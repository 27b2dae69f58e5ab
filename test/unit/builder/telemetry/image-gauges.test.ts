import assert from 'node:assert/strict';

import { imageGauges, type ImageActivity } from '../../../../builder/telemetry/image-gauges.ts';
import { statsdKey } from '../../../../shared/telemetry/metric.ts';

const idle: ImageActivity = {
  ...{ image: 'debian', isPaused: false, isRequested: false, isBeingBuilt: false },
  ...{ isBuiltHere: false, providers: [] },
};

describe('the gauges of images', () => {
  const gauges = (...images: Partial<ImageActivity>[]): Readonly<Record<string, number>> =>
    Object.fromEntries(
      imageGauges(
        'b.example.org',
        images.map((one) => ({ ...idle, ...one })),
      ).map(({ metric, labels, value }): [string, number] => [
        statsdKey(metric, labels) ?? '',
        value,
      ]),
    );
  const state = (one: Partial<ImageActivity>): number | undefined =>
    gauges(one)['nodepool.builder.b.example.org.image.debian.build.state'];

  it('tell the state of builds in the numbers of the original; pausing stands over building', () => {
    assert.equal(state({}), 0);
    assert.equal(state({ isBuiltHere: true, isBeingBuilt: true }), 1);
    assert.equal(state({ isBeingBuilt: true }), 0, 'another builder builds it');
    assert.equal(state({ isPaused: true }), 3);
    assert.equal(state({ isPaused: true, isBuiltHere: true }), 3);
  });

  it('tell the state of uploads for each provider', () => {
    const none = { isPaused: false, isUploadedHere: false };
    const found = gauges({
      providers: [
        { ...none, provider: 'idle' },
        { ...none, provider: 'busy', isUploadedHere: true },
        { ...none, provider: 'paused', isPaused: true },
      ],
    });
    const prefix = 'nodepool.builder.b.example.org.image.debian.provider';
    assert.equal(found[`${prefix}.idle.upload.state`], 0);
    assert.equal(found[`${prefix}.busy.upload.state`], 2);
    assert.equal(found[`${prefix}.paused.upload.state`], 3);
  });

  it('count the requests that nobody builds yet', () => {
    const found = gauges(
      { image: 'a', isRequested: true },
      { image: 'b', isRequested: true, isBeingBuilt: true },
      { image: 'c' },
      { image: 'd', isRequested: true },
    );
    assert.equal(found['nodepool.image_build_requests'], 2);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((image) => found[`nodepool.image.${image}.image_build_requests`]),
      [1, 0, 0, 1],
    );
  });

  it('say that there are no requests where there are no images', () => {
    assert.deepEqual(gauges(), { 'nodepool.image_build_requests': 0 });
  });
});
