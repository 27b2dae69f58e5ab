import assert from 'node:assert/strict';

import { CloudError } from '../../../shared/base/errors.ts';
import { unlessThereIsNone } from '../../../shared/cloud/unless-none.ts';

describe('what there may be none of', () => {
  it('is undefined where the cloud says that there is none', async () => {
    const none = new CloudError('NP_CLOUD_NOT_FOUND', 'none');
    assert.equal(await unlessThereIsNone(Promise.reject<number>(none)), undefined);
    assert.equal(await unlessThereIsNone(Promise.resolve(7)), 7);
  });

  it('is not known where the cloud says anything else', async () => {
    for (const error of [new CloudError('NP_CLOUD_FATAL', 'no'), new Error('else')])
      await assert.rejects(unlessThereIsNone(Promise.reject(error)), error);
  });
});
