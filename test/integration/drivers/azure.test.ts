/** The `azure` driver in a launcher, over HTTPS, with calls that go wrong; in further ways in test/real/clouds. */
import assert from 'node:assert/strict';

import { failedAttempts, walkedCloud } from '../../support/cloud-walked.ts';
import { AZURE } from '../../support/clouds/azure.ts';

walkedCloud(AZURE, (walk) => {
  it('makes another one where a machine fails, and takes away what it left', () =>
    walk.run(
      'a machine',
      async (scene) => {
        const { cloud } = walk.site;
        cloud.compute.failure = { code: 'OSProvisioningTimedOut', message: 'it does not answer' };
        cloud.onCall = (call) => {
          if (call !== 'GET virtualMachines/*') return;
          cloud.onCall = undefined;
          // Its instance view says why; nothing of it goes with it.
          cloud.compute.failure = undefined;
          const { interfaces, publicIps, disks } = cloud.counts;
          assert.deepEqual([interfaces, publicIps, disks], [1, 1, 1]);
        };
        await walk.live(scene);
        assert.match(
          failedAttempts(scene).join('\n'),
          /OSProvisioningTimedOut.*it does not answer/,
        );
      },
      2,
    ));
});
