/**
 * The `static` driver: hosts that exist anyway and are lent as nodes. It makes and deletes nothing;
 * what there is to lend is its `inventory`.
 */
import { lookup } from 'node:dns/promises';

import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { KeyScanner } from '../../cloud/key-scan.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import { StaticInventory } from './inventory.ts';

/** The driver that the registry hands out. */
export const driver: Driver = {
  name: 'static',
  connect: (config, env) => Promise.resolve(connect(config, env)),
};

function connect(config: ProviderConfig, env: DriverEnv): Provider {
  const { clock, log } = env;
  const inventory = new StaticInventory({
    pools: config.pools,
    clock,
    log,
    scanner: new KeyScanner({ clock, log }),
    lookup: (name) => lookup(name),
  });
  return {
    inventory,
    delete: () => Promise.resolve(),
    listInstances: () => Promise.resolve([]),
    quotaLimits: () => Promise.resolve({}),
    quotaForLabel: () => Promise.resolve({ instances: 1 }),
    availabilityZones: () => Promise.resolve([]),
    isLabelReady: () => true,
    close: () => Promise.resolve(),
  };
}
