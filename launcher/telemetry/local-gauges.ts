/**
 * The gauges about this launcher's own configuration and caches, as the original has them
 * (nodepool/stats.py and zk/zookeeper.py). Of its queues ours has the nearest thing: what waits for a
 * connection, what is held back because it may be an own write, and what is being read.
 */
import type { Config, ProviderConfig } from '../../schemas/config/model.ts';
import type { Store } from '../../shared/store/store.ts';
import { sampleOf, type Sample } from '../../shared/telemetry/metric.ts';
import * as names from '../../shared/telemetry/names/nodes.ts';
import { zookeeperCacheQueue, zookeeperQueue } from '../../shared/telemetry/names/process.ts';

/** These have a value also where the configuration has none. */
const ALWAYS = { cores: Infinity, instances: Infinity, ram: Infinity };

export function limitGauges(config: Config): Sample<'gauge'>[] {
  const tenants = [...config.tenantLimits].flatMap(([tenant, limits]) =>
    Object.entries({ ...ALWAYS, ...limits }).map(([limit, value]) =>
      sampleOf(names.tenantLimit, { tenant, limit }, value),
    ),
  );
  const providers = [...config.providers.values()]
    .filter(({ pools }) => pools.length > 0)
    .map((one) => sampleOf(names.maxServers, { provider: one.name }, maxServersOf(one)));
  return [...providers, ...tenants];
}

function maxServersOf({ pools }: ProviderConfig): number {
  return pools.reduce((sum, { limits }) => sum + (limits.instances ?? Infinity), 0);
}

export function queueGauges(store: Store, launcher: string): Sample<'gauge'>[] {
  const trees = {
    node: store.nodes.cache.tree,
    request: store.requests.cache.tree,
    image: store.images.tree,
  };
  return [
    sampleOf(zookeeperQueue, { launcher }, store.client.calls.waiting),
    ...Object.entries(trees).flatMap(([cache, { pending }]) => [
      sampleOf(zookeeperCacheQueue, { launcher, cache, queue: 'event' }, pending.held),
      sampleOf(zookeeperCacheQueue, { launcher, cache, queue: 'playback' }, pending.reads),
    ]),
  ];
}
