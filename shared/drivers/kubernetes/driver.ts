/**
 * The `kubernetes` driver: namespaces of a Kubernetes cluster, and pods in namespaces of their own.
 *
 * Facts: nodepool/driver/kubernetes.
 */
import type { Driver } from '../driver.ts';
import type { ClusterOptions } from '../pods/client/open.ts';
import { clusterDriver } from '../pods/driver.ts';
import { openParts } from './parts.ts';

export function createKubernetesDriver(options: ClusterOptions = {}): Driver {
  return clusterDriver(
    {
      name: 'kubernetes',
      prove: ({ config, cluster }, signal) =>
        cluster.namespaces.list({ labels: { nodepool_provider_name: config.name } }, signal),
      open: openParts,
    },
    options,
  );
}

/** The driver that the registry hands out. */
export const driver: Driver = createKubernetesDriver();
