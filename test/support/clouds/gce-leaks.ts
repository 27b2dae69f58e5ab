/** The Compute Engine in memory for the tests of test/support/cloud-leaks.ts. */
import { GceSite, PROVIDER } from '../gce-site.ts';
import type { LeakyCloud } from '../cloud-leaks.ts';

const NOBODY = '0000009999';

const metadataOf = (provider: string, node = NOBODY): Record<string, string> => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

export const GCE_LEAKS: LeakyCloud<GceSite> = {
  driver: 'gce',
  open: () => GceSite.open(),
  labels: ['small'],
  leaveBehind: ({ cloud: { plant } }) => {
    const metadata = metadataOf(PROVIDER);
    plant.instance({ metadata });
    // One that was stopped goes on costing for its disk.
    plant.instance({ metadata, status: 'TERMINATED' });
  },
  plantLookAlikes: ({ cloud: { plant } }) => {
    plant.instance({ metadata: metadataOf('another-provider') });
    plant.instance({ metadata: { nodepool_provider_name: PROVIDER } });
    plant.instance({ metadata: { nodepool_node_id: NOBODY } });
    plant.instance({ metadata: { 'ssh-keys': 'zuul:ssh-ed25519 AAAA somebody' } });
    plant.instance({ name: 'np0000009998' });
  },
  plantSecond: ({ cloud }, node) => {
    cloud.plant.instance({ metadata: metadataOf(PROVIDER, node) });
  },
  census: ({ cloud }) =>
    cloud.compute.instances
      .all()
      .map(({ id }) => id)
      .toSorted(),
  search: ['GET instances'],
  deletion: ['DELETE instances/*'],
  look: 'GET instances',
  looks: 4,
  kinds: ['instances'],
};
