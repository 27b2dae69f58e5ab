/**
 * How the three drivers connect: the kubeconfig is read, one cheap call proves that it lets us in, and what
 * was opened is closed where that fails.
 */
import type { PodProviderOptions } from '../../../schemas/config/drivers/pods.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Logger } from '../../base/log.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import type { Cluster } from './client/cluster.ts';
import { isForbidden } from './client/errors.ts';
import { openCluster, type ClusterOptions } from './client/open.ts';
import { ClusterProvider, type Parts } from './provider.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly cluster: Cluster;
}

export interface ClusterDriver {
  /** The value of `driver:` in nodepool.yaml. */
  readonly name: string;
  /** A call that proves the credentials. */
  readonly prove: (options: PartsOptions, signal: AbortSignal) => Promise<unknown>;
  readonly open: (options: PartsOptions) => Parts;
}

export function clusterDriver(driver: ClusterDriver, options: ClusterOptions): Driver {
  return {
    name: driver.name,
    connect: async (config, env, signal) => {
      const cluster = await openCluster(config, env, options, signal);
      return connectIn(driver, { config, env, cluster }, signal);
    },
  };
}

/** A provider in a cluster that is open; where that fails the cluster is closed. */
export async function connectIn(
  driver: Pick<ClusterDriver, 'prove' | 'open'>,
  options: PartsOptions,
  signal: AbortSignal,
): Promise<Provider> {
  try {
    await orForbidden(options.env.log, () => driver.prove(options, signal));
    return new ClusterProvider(driver.open(options));
  } catch (error) {
    options.cluster.close();
    throw error;
  }
}

/** As the node's record has it: what the configuration says, not which context that was. */
export function cloudName({ options }: ProviderConfig): string | null {
  return (options as PodProviderOptions).context ?? null;
}

/** Whoever is told that they may not ask has been let in. */
async function orForbidden(log: Logger, question: () => Promise<unknown>): Promise<void> {
  try {
    await question();
  } catch (error) {
    if (!isForbidden(error)) throw error;
    log.warn('the cluster forbids a listing; leaks cannot be found without it', { error });
  }
}
