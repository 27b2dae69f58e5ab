import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import type { ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import { CloudError } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ImageLooks } from '../../../shared/cloud/image-looks.ts';
import { labelOf, providerConfig } from '../../support/provider-config.ts';

const config: ProviderConfig = providerConfig(`
name: cloud
driver: openstack
cloud: memory
cloud-images: [{name: a}, {name: b}, {name: unused}, {name: given, image-id: id}]
pools:
  - name: main
    labels:
      - {name: a, cloud-image: a, flavor-name: small}
      - {name: again, cloud-image: a, flavor-name: small}
      - {name: b, cloud-image: b, flavor-name: small}
      - {name: given, cloud-image: given, flavor-name: small}
`);
const never = (): AbortSignal => new AbortController().signal;
const refusal = new CloudError('NP_CLOUD_FATAL', 'you may not see images');

function subject() {
  const clock = new ManualClock();
  const asked: string[] = [];
  const there = new Set<string>();
  const warnings: unknown[] = [];
  const trouble: { error?: Error } = {};
  const looks = new ImageLooks({
    ...{ config, clock, checkSeconds: 300 },
    log: {
      ...silentLogger,
      warn: (message, fields) => {
        warnings.push([message, fields?.image]);
      },
    },
    isSought: ({ name }) => name !== 'given',
    isThere: ({ name }) => {
      asked.push(name);
      return trouble.error ? Promise.reject(trouble.error) : Promise.resolve(there.has(name));
    },
    describe: () => Promise.resolve({}),
  });
  const image = (name: string): ProviderImage => {
    const found = config.cloudImages.get(name);
    assert.ok(found);
    return found;
  };
  return {
    ...{ clock, asked, there, warnings, trouble, looks, image },
    isReady: (label: string) => looks.isReady(labelOf(config, label).label),
  };
}

describe('looks for cloud images', () => {
  it('are one for each image that a label boots from', async () => {
    const { asked, there, looks, isReady, warnings } = subject();
    there.add('a');
    await looks.prepare(never());
    assert.deepEqual(asked, ['a', 'b']);
    assert.deepEqual(['a', 'again', 'b', 'given'].map(isReady), [true, true, false, true]);
    assert.deepEqual(warnings, [['cloud image not found: its labels are not offered', 'b']]);
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('are not made for an image that there is nothing to look for', () => {
    const { asked, isReady } = subject();
    assert.equal(isReady('given'), true);
    assert.deepEqual(asked, []);
  });

  it('are made again after a while, and one at a time', async () => {
    const { clock, asked, there, looks, isReady } = subject();
    await looks.prepare(never());
    asked.length = 0;
    there.add('a');
    await clock.advance(299_999);
    assert.equal(isReady('a'), false);
    await clock.advance(1);
    assert.equal(isReady('a'), false);
    assert.equal(isReady('again'), false);
    await clock.advance(0);
    assert.deepEqual(asked, ['a']);
    assert.equal(isReady('again'), true);
  });

  it('that the cloud forbids are said, and do not keep a provider from its start', async () => {
    const { trouble, looks, isReady, warnings } = subject();
    trouble.error = refusal;
    await looks.prepare(never());
    assert.deepEqual(warnings, [
      ['cloud image not looked for', 'a'],
      ['cloud image not looked for', 'b'],
    ]);
    assert.equal(isReady('a'), false);
  });

  it('that fail because the cloud does keep it', async () => {
    const { trouble, looks } = subject();
    trouble.error = new CloudError('NP_CLOUD_TRANSIENT', 'away', { labels: ['retryable'] });
    await assert.rejects(looks.prepare(never()), trouble.error);
  });

  it('that fail in the background are said, and the next one comes after a while', async () => {
    const { clock, asked, trouble, looks, isReady, warnings } = subject();
    await looks.prepare(never());
    await clock.advance(300_000);
    [asked.length, warnings.length] = [0, 0];
    trouble.error = refusal;
    isReady('b');
    await clock.advance(1000);
    isReady('b');
    await clock.advance(0);
    assert.deepEqual(asked, ['b']);
    assert.deepEqual(warnings, [['cloud image not looked for', 'b']]);
  });

  it('are of no use where a launch knows better', async () => {
    const { there, looks, image, isReady } = subject();
    there.add('a');
    await looks.prepare(never());
    looks.note(image('a'), false);
    looks.note(image('b'), true);
    assert.deepEqual(['a', 'b'].map(isReady), [false, true]);
  });

  it('end when they are closed, without a word', async () => {
    const { clock, looks, isReady, trouble, warnings } = subject();
    trouble.error = refusal;
    isReady('a');
    looks.close();
    await clock.advance(0);
    assert.deepEqual(warnings, []);
  });
});
