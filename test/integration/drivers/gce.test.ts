/** The `gce` driver in a launcher, over HTTP, with calls that go wrong; in further ways in test/real/clouds. */
import assert from 'node:assert/strict';

import { failedAttempts, walkedCloud } from '../../support/cloud-walked.ts';
import { GCE } from '../../support/clouds/gce.ts';

walkedCloud(GCE, (walk) => {
  it('makes another one where the operation fails, and says why', () =>
    walk.run(
      'an instance',
      async (scene) => {
        const { compute } = walk.site.cloud;
        compute.failure = { code: 'INTERNAL_ERROR', message: 'it went wrong', status: 500 };
        walk.site.cloud.onCall = (call) => {
          // Once it has failed.
          if (call !== 'POST instances' || walk.site.cloud.operations.all().length === 0) return;
          compute.failure = undefined;
        };
        await walk.live(scene);
        assert.match(failedAttempts(scene).join('\n'), /INTERNAL_ERROR.*it went wrong/);
      },
      2,
    ));
});
