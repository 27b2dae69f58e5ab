/**
 * The `openshift` driver: projects of an OpenShift cluster, and pods in projects of their own.
 *
 * Facts: nodepool/driver/openshift.
 */
import type { Driver } from '../driver.ts';
import type { ClusterOptions } from '../pods/client/open.ts';
import { clusterDriver } from '../pods/driver.ts';
import { openParts } from './parts.ts';

export function createOpenshiftDriver(options: ClusterOptions = {}): Driver {
  return clusterDriver(
    {
      name: 'openshift',
      prove: ({ cluster }, signal) => cluster.projects.list({}, signal),
      open: openParts,
    },
    options,
  );
}

/** The driver that the registry hands out. */
export const driver: Driver = createOpenshiftDriver();
