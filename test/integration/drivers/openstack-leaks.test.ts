/**
 * What outlives its node in OpenStack, or looks as if it did: a launcher finds the former, deletes it
 * though calls go wrong, and leaves the latter alone.
 */
import assert from 'node:assert/strict';

import type { OpenStackCloud } from '../../../fixtures/openstack-cloud/cloud.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../../support/launcher-scene.ts';
import { OpenStackSite, openStackProvider, PROVIDER } from '../../support/openstack-site.ts';

/** UUIDs of servers that are gone. */
const GONE = '11111111-2222-4333-8444-555555555555';
const NOBODY = '0000009999';

const tagsOf = (provider: string, node = NOBODY): Record<string, string> => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

/** One of each kind that is of a node that is no more; the server has all that a server can have. */
function leaveBehind({ plant, compute }: OpenStackCloud): void {
  const metadata = tagsOf(PROVIDER);
  const server = plant.server({ metadata, hasPort: false });
  const port = plant.port({ device_id: server, device_owner: 'compute:az1', status: 'ACTIVE' });
  compute.adopt(port);
  plant.floatingIp({ port });
  const volume = plant.volume({ serverId: server });
  compute.servers.get(server)?.volumes.push({ id: volume, goesWithServer: true });
  plant.volume({ metadata });
  plant.floatingIp({ description: JSON.stringify(metadata) });
  plant.port({ device_id: GONE, device_owner: 'compute:az1' });
}

/** What is nobody's business but its owners'. */
function plantLookAlikes({ plant }: OpenStackCloud): void {
  const metadata = tagsOf('another-provider');
  plant.server({ metadata });
  const server = plant.server({ metadata: { owner: 'somebody' } });
  plant.volume({ metadata });
  plant.volume({ metadata: { nodepool_provider_name: PROVIDER } });
  plant.volume({ metadata: tagsOf(PROVIDER), serverId: server });
  plant.floatingIp({ description: JSON.stringify(metadata) });
  plant.floatingIp({ description: `of ${PROVIDER}, node ${NOBODY}` });
  plant.port();
  plant.port({ device_id: server, device_owner: 'compute:az1' });
  plant.port({ device_id: GONE, device_owner: 'compute:az1', status: 'ACTIVE' });
  plant.port({ device_id: GONE, device_owner: 'Octavia' });
  plant.port({ device_id: 'reserved-0', device_owner: 'compute:az1' });
}

/** The ids of all that is there. */
function idsOf({ compute, network, volumes }: OpenStackCloud): string[] {
  const shelves = [compute.servers, network.ports, network.floatingIps, volumes.volumes];
  return shelves.flatMap((shelf) => shelf.all().map(({ id }) => id)).toSorted();
}

/** Calls of the search and of the deletions. */
const SEARCH = [
  ...['GET servers/detail', 'GET volumes/detail', 'GET floatingips', 'GET ports'],
  ...['GET ports/*', 'GET servers/*'],
];
const DELETE = ['DELETE servers/*', 'DELETE volumes/*', 'DELETE floatingips/*', 'DELETE ports/*'];

describe('leaks of the openstack driver in a launcher', () => {
  let site: OpenStackSite;
  beforeEach(async () => {
    site = await OpenStackSite.open();
  });
  afterEach(() => site.close());

  const run = (steps: (scene: Scene) => Promise<void>, provider = {}): Promise<void> =>
    site.play(steps, {
      providers: [openStackProvider({ labels: { small: { 'boot-from-volume': true } }, provider })],
      intervals: { cleanup: 0.1 },
    });

  /** Until only this is left, and still is after enough looks to find and delete more. */
  const untilOnly = async (kept: readonly string[]): Promise<void> => {
    const { cloud } = site;
    const looks = (): number => cloud.calls.filter((call) => call === 'GET ports').length;
    await eventually(() => {
      assert.deepEqual(idsOf(cloud), kept);
    });
    const before = looks();
    await eventually(() => {
      assert.ok(looks() >= before + 2);
    });
    assert.deepEqual(idsOf(cloud), kept);
  };

  it('are found and deleted; what is of others and of nodes that live stays', () =>
    run(async ({ zuul, own }) => {
      await zuul.ask(['small']);
      plantLookAlikes(site.cloud);
      const kept = idsOf(site.cloud);
      leaveBehind(site.cloud);
      await untilOnly(kept);
      const deleted = own.lines.filter((line) => line.includes('leaked resource deleted'));
      assert.equal(deleted.length, 4, 'a server, a volume, a floating IP, a port');
      // What cannot be deleted may not have been tried.
      assert.ok(!own.lines.some((line) => line.includes('leaked resource not deleted')));
    }));

  it('are found where a second server of a node that lives is left', () =>
    run(async ({ zuul }) => {
      const { nodes } = await zuul.ask(['small']);
      const kept = idsOf(site.cloud);
      const [node] = nodes;
      site.cloud.plant.server({ metadata: tagsOf(PROVIDER, node) });
      await untilOnly(kept);
    }));

  it('are floating IPs of anybody that lead nowhere, where `clean-floating-ips` says so', () =>
    run(
      async () => {
        const { plant } = site.cloud;
        plant.floatingIp({ port: plant.port({ device_id: plant.server() }) });
        const kept = idsOf(site.cloud);
        plant.floatingIp();
        await untilOnly(kept);
      },
      { 'clean-floating-ips': true },
    ));

  for (const mode of ['fail', 'hang', 'lose'] as const)
    it(`are deleted though each call goes wrong: ${mode}`, () =>
      run(async () => {
        const { cloud } = site;
        for (const call of SEARCH) cloud.arm({ call, mode });
        // Three times is for good, for this time.
        for (const call of DELETE) cloud.arm({ call, mode, times: mode === 'hang' ? 1 : 3 });
        leaveBehind(cloud);
        await site.untilEmpty();
        await eventually(() => {
          assert.equal(cloud.armed, 0);
        });
      }));
});
