/**
 * The large installation that is measured: providers with pools, labels, nodes, and who waits for what.
 *
 * The last pool of each provider holds standby nodes of labels that nobody asks for (`min-ready`);
 * the others are full of nodes in use, and the requests wait for their labels. Each label is in
 * several pools, each in another mixture, so that pools compete for requests as in a real fleet.
 */
export interface Size {
  readonly providers: number;
  readonly poolsPerProvider: number;
  readonly labels: number;
  readonly labelsPerPool: number;
  readonly nodes: number;
  readonly requests: number;
}

export interface PoolPlan {
  readonly provider: string;
  readonly pool: string;
  readonly labels: readonly string[];
  /** Its nodes are ready, else in use. */
  readonly isStandby: boolean;
  readonly nodes: number;
}

export interface Layout {
  readonly pools: readonly PoolPlan[];
  /** Labels that are asked for. */
  readonly wanted: readonly string[];
  readonly standby: readonly string[];
}

export function planLayout(size: Size): Layout {
  const { providers, poolsPerProvider, labels, labelsPerPool } = size;
  const names = Array.from({ length: labels }, (_, index) => `label-${index}`);
  const standbyCount = poolsPerProvider > 1 ? Math.floor(labels / poolsPerProvider) : 0;
  const wanted = names.slice(0, labels - standbyCount);
  const standby = names.slice(labels - standbyCount);
  const count = providers * poolsPerProvider;
  const pools: PoolPlan[] = [];
  for (let index = 0; index < count; index++) {
    const place = index % poolsPerProvider;
    const isStandby = standby.length > 0 && place === poolsPerProvider - 1;
    pools.push({
      provider: `provider-${Math.floor(index / poolsPerProvider)}`,
      pool: `pool-${place}`,
      labels: mixture(isStandby ? standby : wanted, index, labelsPerPool),
      isStandby,
      nodes: Math.floor(size.nodes / count) + (index < size.nodes % count ? 1 : 0),
    });
  }
  return { pools, wanted, standby };
}

/** Some of the labels, other ones for each pool. */
function mixture(labels: readonly string[], pool: number, count: number): string[] {
  const step = 1 + (pool % 7);
  const chosen = new Set<string>();
  for (let turn = 0; chosen.size < Math.min(count, labels.length); turn++) {
    chosen.add(labels[(pool + turn * step) % labels.length] ?? '');
    // The steps may come around before there are enough.
    if (turn >= labels.length) chosen.add(labels[turn % labels.length] ?? '');
  }
  return [...chosen];
}

/** The label of a pool's node, and how many standby nodes of each label there are. */
export function labelOfNode({ labels }: PoolPlan, index: number): string {
  return labels[index % labels.length] ?? '';
}

export interface ConfigFacts {
  readonly servers: readonly string[];
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** How many nodes each pool may have more than it has at first. */
  readonly spare: number;
}

/** A `nodepool.yaml` for both launchers; JSON is YAML, too. */
export function configText(layout: Layout, facts: ConfigFacts): string {
  const { pools, wanted, standby } = layout;
  const ready = new Map<string, number>();
  for (const pool of pools.filter(({ isStandby }) => isStandby)) {
    for (let index = 0; index < pool.nodes; index++) {
      const label = labelOfNode(pool, index);
      ready.set(label, (ready.get(label) ?? 0) + 1);
    }
  }
  const providers = [...new Set(pools.map(({ provider }) => provider))];
  const config = {
    'zookeeper-servers': facts.servers.map((server) => {
      const [host, port] = server.split(':');
      return { host, port: Number(port) };
    }),
    'zookeeper-tls': facts.tls,
    labels: [...wanted, ...standby].map((name) => ({ name, 'min-ready': ready.get(name) ?? 0 })),
    providers: providers.map((name) => ({
      name,
      driver: 'fake',
      cloud: 'fake',
      'region-name': 'fake-region',
      rate: 0.0001,
      'cloud-images': [{ name: 'fake-image', 'image-name': 'Fake Precise' }],
      pools: pools
        .filter(({ provider }) => provider === name)
        .map((pool) => ({
          name: pool.pool,
          'max-servers': pool.nodes + facts.spare,
          labels: pool.labels.map((label) => ({
            name: label,
            'cloud-image': 'fake-image',
            'min-ram': 8192,
            'host-key-checking': false,
          })),
        })),
    })),
  };
  return `${JSON.stringify(config, undefined, 1)}\n`;
}
