/**
 * The launcher's parts, and what they are made from.
 */
import type { Config, ProviderConfig } from '../schemas/config/model.ts';
import type { Logger } from '../shared/base/log.ts';
import type { Driver } from '../shared/drivers/driver.ts';
import type { Answers } from './assignment/answers.ts';
import type { Context } from './context.ts';
import type { DrainWatch } from './drain/drain-watch.ts';
import type { Listeners } from './events.ts';
import type { InventorySync } from './inventory/inventory-sync.ts';
import type { PoolRegistry } from './pools/registry.ts';
import type { Providers } from './providers/providers.ts';

export interface PartsOptions {
  readonly context: Context;
  /** All pools online, of all launchers. */
  readonly registry: PoolRegistry;
  /** The one in force. */
  readonly config: () => Config;
  readonly hostname: string;
  readonly version: string;
  /** For drivers, under names of their own. */
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly loadDriver: (config: ProviderConfig) => Promise<Driver>;
}

export type Parts = Listeners & {
  readonly providers: Providers;
  readonly answers: Answers;
  readonly drainWatch: DrainWatch;
  readonly inventories: Map<string, InventorySync>;
};
