/**
 * Which pools offer which labels, by a configuration and by what is registered. Pure.
 */
import type { StaticPoolOptions } from '../../../schemas/config/drivers/static.ts';
import type { Config, PoolConfig, ProviderConfig } from '../../../schemas/config/model.ts';
import type { ComponentRecord } from '../../../schemas/records/component.ts';

export interface Offer {
  readonly provider: string;
  readonly pool: string;
  readonly labels: ReadonlySet<string>;
  /** How many nodes with the label a request may ask for at most; Infinity: any number. */
  readonly most: (label: string) => number;
  /** Nodes of all labels together. */
  readonly mostInAll: number;
}

/** Pools that take requests: not those of providers with `max-concurrency: 0`. */
export function offersOf({ providers }: Pick<Config, 'providers'>): Offer[] {
  return [...providers.values()]
    .filter(({ maxConcurrency }) => maxConcurrency > 0)
    .flatMap((provider) => provider.pools.map((pool) => offerOf(provider, pool)))
    .filter(({ mostInAll }) => mostInAll > 0);
}

function offerOf(provider: ProviderConfig, pool: PoolConfig): Offer {
  const hosts = provider.driver === 'static' ? (pool.options as StaticPoolOptions).nodes : [];
  const places = new Map<string, number>();
  for (const host of hosts)
    for (const label of host.labels)
      places.set(label, (places.get(label) ?? 0) + host.maxParallelJobs);
  return {
    provider: provider.name,
    pool: pool.name,
    labels: new Set(pool.labels.keys()),
    most: (label) => (provider.driver === 'static' ? (places.get(label) ?? 0) : Infinity),
    mostInAll: pool.limits.instances ?? Infinity,
  };
}

/** Of launchers with another configuration: pools that are registered and that `config` has not. */
export function offersElsewhere(
  pools: readonly ComponentRecord[],
  { providers }: Pick<Config, 'providers'>,
): Offer[] {
  return pools.flatMap(({ provider_name: provider = '', name = '', supported_labels = [] }) => {
    const isOwn = providers.get(provider)?.pools.some((pool) => pool.name === name) === true;
    if (isOwn) return [];
    const labels = new Set(supported_labels);
    return [{ provider, pool: name, labels, most: () => Infinity, mostInAll: Infinity }];
  });
}

/** Whether a pool could ever serve them all, as far as the file tells: quota is not looked at. */
export function canServe(offers: readonly Offer[], wanted: readonly string[]): boolean {
  const counts = new Map<string, number>();
  for (const label of wanted) counts.set(label, (counts.get(label) ?? 0) + 1);
  return offers.some(
    ({ labels, most, mostInAll }) =>
      wanted.length <= mostInAll &&
      [...counts].every(([label, count]) => labels.has(label) && count <= most(label)),
  );
}

export function labelsOf(offers: readonly Offer[]): Set<string> {
  return new Set(offers.flatMap(({ labels }) => [...labels]));
}
