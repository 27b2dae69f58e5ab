/** Leaks of the `azure` driver; test/real/clouds lets calls go wrong in more ways. */
import assert from 'node:assert/strict';

import { leaksAreFound, leaksGoThough, leaksOf } from '../../support/cloud-leaks.ts';
import { AZURE_LEAKS } from '../../support/clouds/azure-leaks.ts';
import { eventually } from '../../support/eventually.ts';

describe('leaks of the azure driver in a launcher', () => {
  const leaks = leaksOf(AZURE_LEAKS);
  leaksAreFound(AZURE_LEAKS, leaks);
  leaksGoThough(AZURE_LEAKS, leaks, ['lose']);

  it('are none of an interface for as long as a machine is being made with it', () =>
    leaks.run(async ({ zuul }) => {
      const { cloud } = leaks.site;
      cloud.hold('create');
      const id = await zuul.submit(['small']);
      await eventually(() => {
        assert.equal(cloud.counts.interfaces, 1);
      });
      const nic = cloud.network.interfaces.all()[0];
      // As Azure shows it before the machine has it.
      if (nic) nic.machineId = undefined;
      await leaks.untilOnly(AZURE_LEAKS.census(leaks.site));
      cloud.release('create');
      await zuul.untilState(id, 'fulfilled');
    }));

  it('are deleted when Azure lets them go: a reserved interface, the address after it', () =>
    leaks.run(async () => {
      const { cloud } = leaks.site;
      AZURE_LEAKS.leaveBehind(leaks.site);
      const nic = cloud.network.interfaces.all()[0];
      if (nic) nic.reservedMs = Date.now() + 1500;
      await leaks.site.untilEmpty();
      assert.ok(cloud.calls.filter((call) => call === 'DELETE networkInterfaces/*').length > 1);
    }));
});
