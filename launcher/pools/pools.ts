/**
 * The pools of this launcher: made, changed and removed as their providers start, change and stop.
 */
import { randomUUID } from 'node:crypto';

import type { Config } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import type { QuotaGap } from '../../shared/cloud/quota.ts';
import { seconds, type Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { DRAINING, Pool, takesNothing } from './pool.ts';

export interface PoolsOptions {
  readonly context: Context;
  readonly hostname: string;
  readonly version: string;
  readonly config: () => Config;
  readonly claimed: Set<string>;
  readonly tenantNeed: (tenant: string) => Quota;
  readonly onStarved: (pool: Pool, gaps: readonly QuotaGap[]) => void;
}

export class Pools {
  readonly #options: PoolsOptions;
  readonly #pools = new Map<string, Pool>();
  /** Asked for at each change of a node. */
  readonly #ofProvider = new Map<string, readonly Pool[]>();
  readonly #byId = new Map<string, Pool>();
  readonly #ids = new Set<string>();

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  all(): IterableIterator<Pool> {
    return this.#pools.values();
  }

  /** Ids as in `declined_by` and in nodes' `launcher`. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Preferred pools first. */
  ofProvider(name: string): readonly Pool[] {
    return this.#ofProvider.get(name) ?? [];
  }

  get(provider: string, pool: string): Pool | undefined {
    return this.#pools.get(keyOf(provider, pool));
  }

  /** By the id as in `declined_by`. */
  byId(id: string): Pool | undefined {
    return this.#byId.get(id);
  }

  /** The provider runs, for the first time or with a new configuration. */
  providerStarted(provider: ProviderRuntime): void {
    const wanted = new Set(provider.config.pools.map((pool) => keyOf(provider.name, pool.name)));
    for (const pool of this.ofProvider(provider.name)) {
      if (!wanted.has(keyOf(provider.name, pool.name))) this.#remove(pool);
    }
    for (const config of provider.config.pools) {
      const existing = this.#pools.get(keyOf(provider.name, config.name));
      if (existing) existing.reconfigure(provider, config);
      else this.#add(provider, config);
    }
    this.#sort(provider.name);
  }

  providerStopped(name: string): void {
    for (const pool of this.ofProvider(name)) this.#remove(pool);
    this.#sort(name);
  }

  /** Takes all registrations back. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.registration.remove()));
  }

  #add(provider: ProviderRuntime, config: Pool['config']): void {
    const { context, hostname, version, claimed, tenantNeed, onStarved } = this.#options;
    const unique = randomUUID().replaceAll('-', '');
    const id = `${hostname}-PoolWorker.${provider.name}-${config.name}-${unique}`;
    const { drains } = context.store;
    const drained = (): string | undefined => {
      if (drains.isDrained('provider', provider.name))
        return `provider ${provider.name} is drained`;
      return drains.isDrained('launcher', hostname) ? `launcher ${hostname} is drained` : undefined;
    };
    const isDrained = drained() !== undefined;
    const registration = context.store.components.register({
      hostname,
      kind: 'pool',
      state: isDrained ? DRAINING : 'running',
      version,
      model_api: 0,
      id,
      name: config.name,
      provider_name: provider.name,
      supported_labels: [...config.labels.keys()],
      priority: config.priority,
      paused: takesNothing(provider) || isDrained,
    });
    const pool = new Pool({
      id,
      provider,
      config,
      store: context.store,
      nowSeconds: () => seconds(context.clock),
      claimed,
      registration,
      tenantLimits: () => this.#options.config().tenantLimits,
      tenantNeed,
      drained,
      onStarved,
    });
    this.#ids.add(id);
    this.#byId.set(id, pool);
    this.#pools.set(keyOf(provider.name, config.name), pool);
  }

  #sort(provider: string): void {
    const pools = [...this.#pools.values()]
      .filter((pool) => pool.provider.name === provider)
      .sort((a, b) => a.config.priority - b.config.priority);
    if (pools.length > 0) this.#ofProvider.set(provider, pools);
    else this.#ofProvider.delete(provider);
  }

  #remove(pool: Pool): void {
    this.#pools.delete(keyOf(pool.provider.name, pool.name));
    this.#byId.delete(pool.id);
    this.#options.context.supervise('unregister a pool', pool.registration.remove());
  }
}

function keyOf(provider: string, pool: string): string {
  return `${provider}\0${pool}`;
}
