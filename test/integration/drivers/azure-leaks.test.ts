/**
 * What outlives its node in Azure, or looks as if it did: a launcher finds the former, deletes it
 * though calls go wrong, and leaves the latter alone.
 */
import assert from 'node:assert/strict';

import type { AzureCloud } from '../../../fixtures/azure-cloud/cloud.ts';
import { NETWORK_GROUP } from '../../../fixtures/azure-cloud/ground.ts';
import { idOf } from '../../../fixtures/azure-cloud/resource.ts';
import { AzureSite, PROVIDER } from '../../support/azure-site.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../../support/launcher-scene.ts';

const NOBODY = '0000009999';

const tagsOf = (provider: string, node = NOBODY): Record<string, string> => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

/** One of each kind that is of a node that is no more; the interface has an address. */
function leaveBehind({ plant }: AzureCloud): void {
  const tags = tagsOf(PROVIDER);
  plant.machine({ tags });
  plant.nic({ tags, publicIp: plant.publicIp({ tags }) });
  plant.publicIp({ tags });
  plant.disk({ tags });
  // Of an upload that was broken off.
  plant.disk({
    tags,
    diskState: 'ActiveUpload',
    upload: Buffer.from('conectix'.padEnd(512)),
    access: { container: 'c', signature: 's', expiresMs: Infinity },
  });
}

/** What is nobody's business but its owners'. */
function plantLookAlikes({ plant, compute }: AzureCloud): void {
  const tags = tagsOf('another-provider');
  plant.machine({ tags });
  plant.machine({ tags: { owner: 'somebody' } });
  plant.machine();
  plant.nic({ tags });
  plant.nic();
  plant.publicIp({ tags: { nodepool_provider_name: PROVIDER } });
  plant.disk({ tags });
  plant.image({ tags });
  plant.image();
  // In use by a machine that is not ours.
  const machine = compute.machines.all().at(-1);
  const machineId = machine && idOf('Microsoft.Compute/virtualMachines', machine);
  if (machineId === undefined) throw new Error('no machine');
  plant.nic({ tags: tagsOf(PROVIDER), machineId });
  plant.disk({ tags: tagsOf(PROVIDER), machineId });
  plant.disk({ tags: tagsOf(PROVIDER), group: NETWORK_GROUP });
}

/** The names of all that is there. */
function namesOf({ compute, network, disks, images }: AzureCloud): string[] {
  const shelves = [compute.machines, network.interfaces, network.publicIps, disks.disks, images];
  return shelves.flatMap((shelf) => shelf.all().map(({ name }) => name)).toSorted();
}

/** Calls of the search and of the deletions. */
const SEARCH = [
  ...['GET virtualMachines', 'GET networkInterfaces', 'GET publicIPAddresses', 'GET disks'],
  'GET images',
];
const DELETE = [
  ...['DELETE virtualMachines/*', 'DELETE networkInterfaces/*', 'DELETE publicIPAddresses/*'],
  ...['POST disks/*/endGetAccess', 'DELETE disks/*', 'GET disks/*'],
];

describe('leaks of the azure driver in a launcher', () => {
  let site: AzureSite;
  beforeEach(async () => {
    site = await AzureSite.open();
  });
  afterEach(() => site.close());

  const run = (steps: (scene: Scene) => Promise<void>): Promise<void> =>
    site.play(steps, { intervals: { cleanup: 0.1 } });

  /** Until only this is left, and still is after enough looks to find and delete more. */
  const untilOnly = async (kept: readonly string[]): Promise<void> => {
    const { cloud } = site;
    const looks = (): number => cloud.calls.filter((call) => call === 'GET images').length;
    await eventually(() => {
      assert.deepEqual(namesOf(cloud), kept);
    });
    const before = looks();
    await eventually(() => {
      assert.ok(looks() >= before + 2);
    });
    assert.deepEqual(namesOf(cloud), kept);
  };

  it('are found and deleted; what is of others and of nodes that live stays', () =>
    run(async ({ zuul, own }) => {
      await zuul.ask(['small']);
      plantLookAlikes(site.cloud);
      const kept = namesOf(site.cloud);
      leaveBehind(site.cloud);
      await untilOnly(kept);
      assert.ok(own.lines.some((line) => line.includes('leaked resource deleted')));
      // What cannot be deleted may not have been tried.
      assert.ok(!own.lines.some((line) => line.includes('leaked resource not deleted')));
    }));

  it('are found where a second machine of a node that lives is left', () =>
    run(async ({ zuul }) => {
      const { nodes } = await zuul.ask(['small']);
      const kept = namesOf(site.cloud);
      const [node] = nodes;
      site.cloud.plant.machine({ tags: tagsOf(PROVIDER, node) });
      await untilOnly(kept);
    }));

  it('are none of an interface for as long as a machine is being made with it', () =>
    run(async ({ zuul }) => {
      const { cloud } = site;
      cloud.hold('create');
      const id = await zuul.submit(['small']);
      await eventually(() => {
        assert.equal(cloud.counts.interfaces, 1);
      });
      const nic = cloud.network.interfaces.all()[0];
      // As Azure shows it before the machine has it.
      if (nic) nic.machineId = undefined;
      await untilOnly(namesOf(cloud));
      cloud.release('create');
      await zuul.untilState(id, 'fulfilled');
    }));

  for (const mode of ['fail', 'hang', 'lose', 'throttle'] as const)
    it(`are deleted though each call goes wrong: ${mode}`, () =>
      run(async () => {
        const { cloud } = site;
        for (const call of SEARCH) cloud.arm({ call, mode });
        // Three times is for good, for this time.
        for (const call of DELETE) cloud.arm({ call, mode, times: mode === 'lose' ? 3 : 1 });
        leaveBehind(cloud);
        await site.untilEmpty();
        await eventually(() => {
          assert.equal(cloud.armed, 0);
        });
      }));

  it('are deleted when Azure lets them go: a reserved interface, the address after it', () =>
    run(async () => {
      const { cloud } = site;
      leaveBehind(cloud);
      const nic = cloud.network.interfaces.all()[0];
      if (nic) nic.reservedMs = Date.now() + 1500;
      await site.untilEmpty();
      assert.ok(cloud.calls.filter((call) => call === 'DELETE networkInterfaces/*').length > 1);
    }));
});
