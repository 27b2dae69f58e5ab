/**
 * What follows from a provider's start, change and end for the other parts, and what its driver is
 * given to work with.
 */
import type { ProviderConfig } from '../schemas/config/model.ts';
import type { Driver } from '../shared/drivers/driver.ts';
import { NodeBorrowing } from './borrowing/borrowing.ts';
import type { Context } from './context.ts';
import { roomCame, type Listeners } from './events.ts';
import { InventorySync } from './inventory/inventory-sync.ts';
import type { Parts, PartsOptions } from './parts.ts';
import type { ProviderRuntime } from './providers/provider-runtime.ts';
import { Providers } from './providers/providers.ts';

/** `parts`: asked for only when something happens. */
export function makeProviders(options: PartsOptions, parts: () => Parts): Providers {
  const { context, loadDriver } = options;
  return new Providers({
    ...{ context, loadDriver },
    driverEnv: (provider) => driverEnv(options, provider),
    onStarted: (provider) => {
      providerStarted(context, parts(), provider);
    },
    onAbsent: () => {
      parts().assigner.everythingChanged();
    },
    onStopped: (name) => {
      const { pools, inventories, upkeep } = parts();
      pools.providerStopped(name);
      inventories.get(name)?.stop();
      inventories.delete(name);
      upkeep.providerLeft(name);
    },
    onQuota: (name) => {
      roomCame(parts(), name);
    },
    onLaunchEnded: (name) => {
      launchEnded(parts(), name);
    },
  });
}

function providerStarted(context: Context, parts: Parts, provider: ProviderRuntime): void {
  const { pools, inventories, deleter, retirer, assigner, stock } = parts;
  pools.providerStarted(provider);
  inventories.get(provider.name)?.stop();
  inventories.delete(provider.name);
  if (provider.connection.inventory) {
    const inventory = new InventorySync(context, provider);
    inventories.set(provider.name, inventory);
    inventory.changed();
  }
  deleter.sweepSoon();
  retirer.considerAll();
  assigner.everythingChanged();
  stock.changed();
}

/** What `max-concurrency` has kept waiting may be launched now. */
function launchEnded({ pools, assigner }: Listeners, provider: string): void {
  for (const pool of pools.ofProvider(provider)) {
    if (pool.provider.config.maxConcurrency < Infinity) assigner.poolChanged(pool);
  }
}

function driverEnv(
  { context, config, registry, log, environment }: PartsOptions,
  provider: ProviderConfig,
): Parameters<Driver['connect']>[1] {
  const { extensions } = config();
  return {
    clock: context.clock,
    random: context.random,
    log: log.named(`nodepool.driver.${provider.driver}`),
    environment,
    borrowing: new NodeBorrowing({
      ...{ context, provider },
      registered: () => registry.all(),
    }),
    extension: extensions.drivers[provider.driver],
    pollSeconds: extensions.intervals.cloudPollSeconds,
    imageCheckSeconds: extensions.intervals.imageCheckSeconds,
  };
}
