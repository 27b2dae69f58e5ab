/** The clusters in memory for the tests of test/support/cloud-leaks.ts. */
import type { LeakyCloud } from '../cloud-leaks.ts';
import { KubeSite, PROVIDER, type KubeDriver } from '../kube-site.ts';

const NOBODY = '0000009999';

const labelsOf = (provider: string, node = NOBODY): Record<string, string> => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

/** The names of all that is there. */
function namesOf({ cloud }: KubeSite): string[] {
  const namespaces = cloud.namespaces().map(({ metadata }) => metadata.name);
  const pods = cloud.podsOf().map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  return [...namespaces, ...pods];
}

/** Namespaces of others, and such as only look like ours. */
function plantSpaces({ cloud: { plant } }: KubeSite): void {
  plant.namespace();
  plant.namespace({ name: `main-${NOBODY}-of-them`, labels: labelsOf('another-provider') });
  // Labels alone are copied easily.
  plant.namespace({ name: 'production', labels: labelsOf(PROVIDER) });
  plant.namespace({ name: 'main-0000009998', labels: { nodepool_node_id: '0000009998' } });
  plant.namespace({ name: 'main-0000009997', labels: { nodepool_provider_name: PROVIDER } });
}

function spacesOf(driver: KubeDriver, key: 'namespaces' | 'projects'): LeakyCloud<KubeSite> {
  return {
    driver,
    open: () => KubeSite.open(driver),
    labels: ['small'],
    leaveBehind: ({ cloud: { plant } }) => {
      plant.namespace({ name: `main-${NOBODY}`, labels: labelsOf(PROVIDER) });
      const again = plant.namespace({ name: `main-${NOBODY}-2`, labels: labelsOf(PROVIDER) });
      plant.pod(again, { name: 'small' });
    },
    plantLookAlikes: plantSpaces,
    plantSecond: ({ cloud }, node) => {
      cloud.plant.namespace({ name: `main-${node}-2`, labels: labelsOf(PROVIDER, node) });
    },
    census: namesOf,
    search: [`GET ${key}`],
    deletion: [`GET ${key}/*`, `DELETE ${key}/*`],
    look: `GET ${key}`,
    looks: 3,
    kinds: ['nodes'],
    deletions: 2,
  };
}

export const KUBERNETES_LEAKS = spacesOf('kubernetes', 'namespaces');

export const OPENSHIFT_LEAKS = spacesOf('openshift', 'projects');

export const OPENSHIFTPODS_LEAKS: LeakyCloud<KubeSite> = {
  driver: 'openshiftpods',
  open: () => KubeSite.open('openshiftpods'),
  labels: ['small'],
  leaveBehind: ({ cloud: { plant } }) => {
    plant.pod('main', { name: `small-${NOBODY}`, labels: labelsOf(PROVIDER) });
    plant.pod('main', { name: `small-${NOBODY}-2`, labels: labelsOf(PROVIDER) });
  },
  plantLookAlikes: ({ cloud: { plant } }) => {
    plant.pod('main');
    plant.pod('main', { name: `of-them-${NOBODY}`, labels: labelsOf('another-provider') });
    plant.pod('main', { name: 'database', labels: labelsOf(PROVIDER) });
    plant.namespace({ name: 'elsewhere' });
    plant.pod('elsewhere', { name: `small-${NOBODY}`, labels: labelsOf(PROVIDER) });
  },
  plantSecond: ({ cloud }, node) => {
    cloud.plant.pod('main', { name: `small-${node}-2`, labels: labelsOf(PROVIDER, node) });
  },
  census: namesOf,
  search: ['GET pods'],
  deletion: ['GET pods/*', 'DELETE pods/*'],
  look: 'GET pods',
  looks: 3,
  kinds: ['nodes'],
  deletions: 2,
};
