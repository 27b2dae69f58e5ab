/** The `ibmvpc` driver in a launcher, over HTTP, with calls that go wrong; in further ways in test/real/clouds. */
import assert from 'node:assert/strict';

import { failedAttempts, walkedCloud } from '../../support/cloud-walked.ts';
import { IBMVPC } from '../../support/clouds/ibmvpc.ts';

walkedCloud(IBMVPC, (walk) => {
  it('makes another one where an instance fails, and takes away what it left', () =>
    walk.run(
      'an instance',
      async (scene) => {
        const { cloud } = walk.site;
        cloud.instances.failure = {
          code: 'cannot_start_network',
          message: 'The network of the virtual server instance could not be made.',
        };
        cloud.onCall = (call) => {
          if (call !== 'DELETE instances/*') return;
          cloud.onCall = undefined;
          cloud.instances.failure = undefined;
        };
        await walk.live(scene);
        assert.match(failedAttempts(scene).join('\n'), /cannot_start_network: The network of/);
      },
      2,
    ));

  it('makes another one where a floating IP fails', () =>
    walk.run(
      'an instance',
      async (scene) => {
        const { cloud } = walk.site;
        cloud.floatingIps.isFailing = true;
        cloud.onCall = (call) => {
          if (call !== 'DELETE floating_ips/*') return;
          cloud.onCall = undefined;
          cloud.floatingIps.isFailing = false;
        };
        await walk.live(scene);
        assert.match(failedAttempts(scene).join('\n'), /floating IP np\d+ has failed/);
      },
      2,
    ));
});
