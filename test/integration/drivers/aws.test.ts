/** The `aws` driver in a launcher, over HTTP, with calls that go wrong; in further ways in test/real/clouds. */
import assert from 'node:assert/strict';

import { failedAttempts, walkedCloud } from '../../support/cloud-walked.ts';
import { AWS } from '../../support/clouds/aws.ts';

walkedCloud(AWS, (walk) => {
  it('makes another one where the first one ends by itself', () =>
    walk.run(
      'an instance',
      async (scene) => {
        const { cloud } = walk.site;
        cloud.instances.failure = {
          code: 'Server.InternalError',
          message: 'Server.InternalError: Internal error on launch',
        };
        cloud.onCall = (call) => {
          if (call === 'TerminateInstances') cloud.instances.failure = undefined;
        };
        await walk.live(scene);
        const failed = failedAttempts(scene);
        assert.match(failed.join('\n'), /Internal error on launch/);
        assert.equal(failed.length, 1);
      },
      2,
    ));
});
