/**
 * The `openshiftpods` driver: pods in projects of an OpenShift cluster that are there anyway, one for each
 * pool.
 *
 * Facts: nodepool/driver/openshiftpods.
 */
import type { Driver } from '../driver.ts';
import type { ClusterOptions } from '../pods/client/open.ts';
import { clusterDriver, type PartsOptions } from '../pods/driver.ts';
import { openParts } from './parts.ts';
import { ownToken } from './token.ts';

export function createOpenshiftPodsDriver(options: ClusterOptions = {}): Driver {
  return clusterDriver({ name: 'openshiftpods', prove, open: openParts }, options);
}

/** The driver that the registry hands out. */
export const driver: Driver = createOpenshiftPodsDriver();

/** Any name will do: "there is none" is an answer. */
async function prove({ config, cluster }: PartsOptions, signal: AbortSignal): Promise<void> {
  await ownToken(cluster, signal);
  const [pool] = config.pools;
  if (pool !== undefined) await cluster.pods(pool.name).get('nodepool', signal);
}
