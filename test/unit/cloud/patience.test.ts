import assert from 'node:assert/strict';

import { CloudError } from '../../../shared/base/errors.ts';
import { Patience } from '../../../shared/cloud/patience.ts';
import { ManualClock } from '../../../fixtures/clock.ts';

describe('Patience', () => {
  const limits = { mostFailures: 3, unreachableMs: 60_000 };
  const answered = new CloudError('NP_CLOUD_TRANSIENT', '503', { labels: ['retryable'] });
  const unreached = new CloudError('NP_CLOUD_TRANSIENT', 'refused', {
    labels: ['retryable', 'unreachable'],
  });

  it('ends with the failure that is one too many, where the cloud answers', () => {
    const patience = new Patience({ ...limits, clock: new ManualClock() });
    assert.deepEqual(
      [1, 2, 3].map(() => patience.endsWith(answered)),
      [false, false, true],
    );
  });

  it('ends when the time is up, where it is not reached', async () => {
    const clock = new ManualClock();
    const patience = new Patience({ ...limits, clock });
    for (let second = 0; second < 59; second++) {
      await clock.advance(1000);
      assert.equal(patience.endsWith(unreached), false);
    }
    await clock.advance(1000);
    assert.equal(patience.endsWith(unreached), true);
  });
});
