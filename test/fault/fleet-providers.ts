/** The provider sections of a fault run's launchers, and what everybody else must know of them. */
import type { FleetConfigOptions } from './fleet-options.ts';

/** The most nodes of each pool of a cloud: what the reader holds the launchers to. */
export const POOL_LIMITS: Readonly<Record<string, number>> = { main: 6, extra: 3 };

/** The most servers of each cloud. Below what the pools may have together, so that it is reached. */
export const CLOUD_LIMIT = 8;

/** The provider whose nodes are slots on nodes of the clouds. */
export const METASTATIC = 'meta';

/** The name under which it keeps backing nodes. */
export const BORROWER = `NodePool:metastatic:${METASTATIC}`;

/** How many nodes each host of a rack is for. */
export const RACK_SLOTS = [2, 1] as const;

/** So many nodes has a rack. */
export const RACK_NODES = RACK_SLOTS.reduce<number>((sum, slots) => sum + slots, 0);

const BACKING_SLOTS = 3;
const CLOUD_LABELS: Readonly<Record<string, readonly string[]>> = {
  main: ['small', 'large', 'host'],
  extra: ['small', 'large'],
};
/** What the label of a static host must answer within. */
const HOST_TIMEOUT_SECONDS = 2;
/** No launch of the load needs more than this, whatever the weather. */
const LAUNCH_RETRIES = 8;

/** The name of the provider of static hosts beside a cloud. */
export function rackOf(cloud: string): string {
  return `${cloud}-rack`;
}

export function isRack(provider: unknown): boolean {
  return typeof provider === 'string' && provider.endsWith(rackOf(''));
}

/** Provider and pool of all that a launcher with this cloud registers. */
export function poolsOf(cloud: string): string[] {
  return [
    ...Object.keys(POOL_LIMITS).map((pool) => `${cloud}/${pool}`),
    `${rackOf(cloud)}/main`,
    `${METASTATIC}/main`,
  ];
}

type Options = Pick<FleetConfigOptions, 'provider' | 'variant' | 'hosts'>;

export function cloudProvider({ provider, variant }: Options): object {
  return {
    name: provider,
    driver: 'fake',
    cloud: 'fake',
    'region-name': 'region-one',
    rate: 0.0001,
    'launch-retries': LAUNCH_RETRIES,
    'launch-timeout': variant.launchTimeoutSeconds,
    'max-concurrency': variant.maxConcurrency,
    'cloud-images': [{ name: 'image', 'image-name': 'Fake Precise' }],
    pools: Object.entries(POOL_LIMITS).map(([name, limit]) => ({
      name,
      'max-servers': limit,
      priority: variant.priority,
      labels: CLOUD_LABELS[name]?.map((label) => ({
        name: label,
        'cloud-image': 'image',
        'min-ram': 8192,
      })),
    })),
  };
}

export function rackProvider({ provider, variant, hosts }: Options): object {
  const nodes = hosts.map(({ port, hostKeys }, index) => ({
    name: '127.0.0.1',
    labels: ['metal', ...variant.furtherLabels],
    username: 'zuul',
    'connection-port': port,
    'host-key': hostKeys,
    'max-parallel-jobs': RACK_SLOTS[index],
    timeout: HOST_TIMEOUT_SECONDS,
  }));
  return { name: rackOf(provider), driver: 'static', pools: [{ name: 'main', nodes }] };
}

/** The same in all launchers. */
export function metastaticProvider(): object {
  const label = {
    name: 'slot',
    'backing-label': 'host',
    'max-parallel-jobs': BACKING_SLOTS,
    'grace-time': 2,
  };
  return {
    name: METASTATIC,
    driver: 'metastatic',
    'launch-retries': LAUNCH_RETRIES,
    'launch-timeout': 60,
    pools: [{ name: 'main', labels: [label] }],
  };
}
