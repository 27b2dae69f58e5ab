/** Leaks of the `openstack` driver; test/real/clouds lets calls go wrong in more ways. */
import { leaksAreFound, leaksGoThough, leaksOf } from '../../support/cloud-leaks.ts';
import { OPENSTACK_LEAKS } from '../../support/clouds/openstack-leaks.ts';

describe('leaks of the openstack driver in a launcher', () => {
  const leaks = leaksOf(OPENSTACK_LEAKS);
  leaksAreFound(OPENSTACK_LEAKS, leaks);
  leaksGoThough(OPENSTACK_LEAKS, leaks, ['lose']);

  it('are floating IPs of anybody that lead nowhere, where `clean-floating-ips` says so', () =>
    leaks.run(
      async () => {
        const { plant } = leaks.site.cloud;
        plant.floatingIp({ port: plant.port({ device_id: plant.server() }) });
        const kept = OPENSTACK_LEAKS.census(leaks.site);
        plant.floatingIp();
        await leaks.untilOnly(kept);
      },
      { provider: { 'clean-floating-ips': true } },
    ));
});
