/** The OpenStack in memory for the tests of test/support/cloud-leaks.ts. */
import type { LeakyCloud } from '../cloud-leaks.ts';
import { OpenStackSite, PROVIDER } from '../openstack-site.ts';

/** UUIDs of servers that are gone. */
const GONE = '11111111-2222-4333-8444-555555555555';
const NOBODY = '0000009999';

const tagsOf = (provider: string, node = NOBODY): Record<string, string> => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

/** One of each kind that is of a node that is no more; the server has all that a server can have. */
function leaveBehind({ cloud: { plant, compute } }: OpenStackSite): void {
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
function plantLookAlikes({ cloud: { plant } }: OpenStackSite): void {
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
function idsOf({ cloud: { compute, network, volumes } }: OpenStackSite): string[] {
  const shelves = [compute.servers, network.ports, network.floatingIps, volumes.volumes];
  return shelves.flatMap((shelf) => shelf.all().map(({ id }) => id)).toSorted();
}

export const OPENSTACK_LEAKS: LeakyCloud<OpenStackSite> = {
  driver: 'openstack',
  open: () => OpenStackSite.open(),
  provider: { labels: { small: { 'boot-from-volume': true } } },
  labels: ['small'],
  leaveBehind,
  plantLookAlikes,
  plantSecond: ({ cloud }, node) => {
    cloud.plant.server({ metadata: tagsOf(PROVIDER, node) });
  },
  census: idsOf,
  search: [
    ...['GET servers/detail', 'GET volumes/detail', 'GET floatingips', 'GET ports'],
    ...['GET ports/*', 'GET servers/*'],
  ],
  deletion: ['DELETE servers/*', 'DELETE volumes/*', 'DELETE floatingips/*', 'DELETE ports/*'],
  look: 'GET ports',
  looks: 2,
  kinds: ['instances', 'volumes', 'floatingips', 'ports'],
  deletions: 4,
};
