/** Leaks of the drivers of clouds, with calls that go wrong in the ways that CI does not see. */
import { leaksGoThough, leaksOf, type LeakyCloud } from '../../support/cloud-leaks.ts';
import type { CloudSite } from '../../support/cloud-site.ts';
import { AWS_LEAKS } from '../../support/clouds/aws-leaks.ts';
import { AZURE_LEAKS } from '../../support/clouds/azure-leaks.ts';
import {
  KUBERNETES_LEAKS,
  OPENSHIFT_LEAKS,
  OPENSHIFTPODS_LEAKS,
} from '../../support/clouds/kubernetes-leaks.ts';
import { IBMVPC_LEAKS } from '../../support/clouds/ibmvpc-leaks.ts';
import { GCE_LEAKS } from '../../support/clouds/gce-leaks.ts';
import { OPENSTACK_LEAKS } from '../../support/clouds/openstack-leaks.ts';
import { eventually } from '../../support/eventually.ts';

function inOtherWays<S extends CloudSite>(leaky: LeakyCloud<S>): void {
  describe(`leaks of the ${leaky.driver} driver in a launcher`, () => {
    leaksGoThough(leaky, leaksOf(leaky), ['fail', 'hang']);
  });
}

inOtherWays(OPENSTACK_LEAKS);
inOtherWays(AWS_LEAKS);
inOtherWays(AZURE_LEAKS);
inOtherWays(KUBERNETES_LEAKS);
inOtherWays(OPENSHIFT_LEAKS);
inOtherWays(OPENSHIFTPODS_LEAKS);
inOtherWays(GCE_LEAKS);
inOtherWays(IBMVPC_LEAKS);

describe('leaks of the azure driver in a launcher', () => {
  const leaks = leaksOf(AZURE_LEAKS);

  it('are deleted though each call is told to wait', () =>
    leaks.run(async () => {
      const { site } = leaks;
      const kept = AZURE_LEAKS.census(site);
      for (const call of [...AZURE_LEAKS.search, ...AZURE_LEAKS.deletion])
        site.cloud.arm({ call, mode: 'throttle' });
      AZURE_LEAKS.leaveBehind(site);
      await leaks.untilOnly(kept);
      await eventually(() => site.cloud.armed === 0);
    }));
});
