/** The Azure in memory for the tests of test/support/cloud-leaks.ts. */
import { NETWORK_GROUP } from '../../../fixtures/azure-cloud/ground.ts';
import { idOf } from '../../../fixtures/azure-cloud/resource.ts';
import { AzureSite, PROVIDER } from '../azure-site.ts';
import type { LeakyCloud } from '../cloud-leaks.ts';

const NOBODY = '0000009999';

const tagsOf = (provider: string, node = NOBODY): Record<string, string> => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

/** One of each kind that is of a node that is no more; the interface has an address. */
function leaveBehind({ cloud: { plant } }: AzureSite): void {
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
function plantLookAlikes({ cloud: { plant, compute } }: AzureSite): void {
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
function namesOf({ cloud: { compute, network, disks, images } }: AzureSite): string[] {
  const shelves = [compute.machines, network.interfaces, network.publicIps, disks.disks, images];
  return shelves.flatMap((shelf) => shelf.all().map(({ name }) => name)).toSorted();
}

export const AZURE_LEAKS: LeakyCloud<AzureSite> = {
  driver: 'azure',
  open: () => AzureSite.open(),
  labels: ['small'],
  leaveBehind,
  plantLookAlikes,
  plantSecond: ({ cloud }, node) => {
    cloud.plant.machine({ tags: tagsOf(PROVIDER, node) });
  },
  census: namesOf,
  search: [
    ...['GET virtualMachines', 'GET networkInterfaces', 'GET publicIPAddresses', 'GET disks'],
    'GET images',
  ],
  deletion: [
    ...['DELETE virtualMachines/*', 'DELETE networkInterfaces/*', 'DELETE publicIPAddresses/*'],
    ...['POST disks/*/endGetAccess', 'DELETE disks/*', 'GET disks/*'],
  ],
  look: 'GET images',
  looks: 2,
  kinds: ['INSTANCEs', 'nics', 'pips', 'disks'],
};
