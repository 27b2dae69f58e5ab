/**
 * What differs between two configurations, as far as somebody has to act on it.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Config, ProviderConfig } from '../../schemas/config/model.ts';

export interface ConfigChanges {
  readonly providersAdded: readonly string[];
  /** Their drivers have to connect anew. */
  readonly providersChanged: readonly string[];
  readonly providersRemoved: readonly string[];
  readonly zookeeperServersChanged: boolean;
}

export function compareConfigs(previous: Config, next: Config): ConfigChanges {
  const before = previous.providers;
  const after = next.providers;
  const names = [...after.keys()];
  return {
    providersAdded: names.filter((name) => !before.has(name)),
    providersChanged: names.filter((name) => {
      const old = before.get(name);
      return (
        old !== undefined &&
        !isDeepStrictEqual(partsOf(old, previous), partsOf(after.get(name), next))
      );
    }),
    providersRemoved: [...before.keys()].filter((name) => !after.has(name)),
    zookeeperServersChanged: !isDeepStrictEqual(previous.zookeeper.servers, next.zookeeper.servers),
  };
}

/** The section, what it takes from top-level disk images, and our own options for its driver. */
function partsOf(provider: ProviderConfig | undefined, config: Config): unknown {
  if (provider === undefined) return undefined;
  const { driver, raw, diskimages } = provider;
  return { driver, raw, diskimages, extension: config.extensions.drivers[driver] };
}
