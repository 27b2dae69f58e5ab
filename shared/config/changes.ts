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
        !isDeepStrictEqual(basisOf(old, previous), basisOf(after.get(name) ?? old, next))
      );
    }),
    providersRemoved: [...before.keys()].filter((name) => !after.has(name)),
    zookeeperServersChanged: !isDeepStrictEqual(previous.zookeeper.servers, next.zookeeper.servers),
  };
}

/**
 * All that a provider's connection is made from: its section, what it takes from top-level disk
 * images, and our own options for its driver. Where two are deeply equal, the connection stays.
 */
export function basisOf(provider: ProviderConfig, config: Config): unknown {
  const { driver, driverModule, raw, diskimages } = provider;
  const { drivers, intervals } = config.extensions;
  const { cloudPollSeconds, imageCheckSeconds } = intervals;
  return {
    ...{ driver, driverModule, raw, diskimages, extension: drivers[driver] },
    ...{ cloudPollSeconds, imageCheckSeconds },
  };
}
