import assert from 'node:assert/strict';
import { CloudError, hasCode, hasLabel, isCloudError } from '../../../shared/base/errors.ts';

/** The module once more, as a driver from outside the tree brings it. */
async function anotherCopy(): Promise<typeof import('../../../shared/base/errors.ts')> {
  const url = new URL('../../../shared/base/errors.ts?another', import.meta.url);
  return (await import(url.href)) as typeof import('../../../shared/base/errors.ts');
}

describe('an error', () => {
  it('is known by code and label, also as the cause of another', () => {
    const error = new CloudError('NP_CLOUD_QUOTA', 'full', { labels: ['quota'] });
    const outer = new Error('launch failed', { cause: error });
    assert.ok(hasCode(outer, 'NP_CLOUD_QUOTA'));
    assert.ok(hasLabel(outer, 'quota'));
    assert.ok(!hasCode(outer, 'NP_CLOUD_FATAL'));
    assert.ok(isCloudError(error));
    assert.ok(!isCloudError(outer));
  });

  it('is known, too, where it was made by another copy of its class', async () => {
    const copy = await anotherCopy();
    assert.notEqual(copy.CloudError, CloudError);
    const error = new copy.CloudError('NP_CLOUD_QUOTA', 'full', { labels: ['quota'] });
    assert.ok(hasCode(error, 'NP_CLOUD_QUOTA'));
    assert.ok(hasLabel(error, 'quota'));
    assert.ok(isCloudError(error));
  });

  it('is none of ours where it only looks like one', () => {
    const stranger = Object.assign(new Error('full'), {
      code: 'NP_CLOUD_QUOTA',
      labels: ['quota'],
    });
    assert.ok(!hasCode(stranger, 'NP_CLOUD_QUOTA'));
    assert.ok(!hasLabel(stranger, 'quota'));
  });

  it('ends a chain of causes that goes in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    assert.ok(!hasCode(error, 'NP_CLOUD_QUOTA'));
  });
});
