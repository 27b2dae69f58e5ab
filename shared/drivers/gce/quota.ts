/**
 * What the project may use in the region, and what instances use of it.
 *
 *   instances:         `INSTANCES`
 *   CPUS:              cores of the families N1 and E2 and of shared cores
 *   N2_CPUS, C2_CPUS…: cores of a family that has a limit of its own
 *   IN_USE_ADDRESSES:  public addresses
 *   cores, ram (MiB):  for the limits of pools; Google has none on their sum
 *
 * Limits are of the region, listings of the zone: what is used elsewhere is subtracted here, what foreign
 * instances of the zone use is subtracted by the launcher. All pure.
 *
 * Facts: cloud.google.com/compute/resource-usage; Compute Engine, regions.get, `quotas`.
 */
import type { Quota } from '../../../schemas/quota.ts';
import { addressesOf } from './addresses.ts';
import type { GceInstance } from './client/instances.ts';
import type { MachineType } from './client/machine-types.ts';
import type { RegionQuota } from './client/regions.ts';

const ADDRESSES = 'IN_USE_ADDRESSES';

/** Families whose cores the metric `CPUS` counts. */
const COMMON_FAMILIES: readonly string[] = ['n1', 'e2', 'f1', 'g1', 'custom'];

/** The metric that counts the cores of a machine type, such as `n2-standard-4`. */
export function cpuMetric(type: string): string {
  const [family = ''] = type.split('-');
  return COMMON_FAMILIES.includes(family) ? 'CPUS' : `${family.toUpperCase()}_CPUS`;
}

/** What one node of the machine type takes; every one gets a public address, as in the original. */
export function typeQuota({ name, guestCpus, memoryMb }: MachineType): Quota {
  return {
    ...{ instances: 1, cores: guestCpus, ram: memoryMb },
    ...{ [cpuMetric(name)]: guestCpus, [ADDRESSES]: 1 },
  };
}

/** Of one that is stopped Google counts only that it is there. */
const STOPPED: readonly string[] = ['TERMINATED', 'STOPPED', 'SUSPENDED'];

/** What an instance takes. `type` undefined: Google does not say any more what it is. */
export function instanceQuota(instance: GceInstance, type: MachineType | undefined): Quota {
  if (STOPPED.includes(instance.status)) return { instances: 1 };
  const [main] = instance.networkInterfaces;
  const hasPublic =
    addressesOf(instance).publicV4 !== undefined || (main?.accessConfigs.length ?? 0) > 0;
  return {
    ...(type === undefined ? { instances: 1 } : typeQuota(type)),
    [ADDRESSES]: hasPublic ? 1 : 0,
  };
}

/**
 * What is left for instances of the zone.
 *
 * `types`: those that labels use; metrics of other families are in nobody's way. `used`: what instances
 * of the zone take.
 */
export function limitsFor(
  quotas: readonly RegionQuota[],
  types: readonly string[],
  used: Quota,
): Quota {
  const names = new Map<string, string>([
    ['INSTANCES', 'instances'],
    ...[...types.map(cpuMetric), ADDRESSES].map((metric) => [metric, metric] as const),
  ]);
  return Object.fromEntries(
    quotas.flatMap(({ metric, limit, usage }) => {
      const name = names.get(metric);
      if (name === undefined || limit < 0) return [];
      const elsewhere = Math.max(0, usage - (used[name] ?? 0));
      return [[name, Math.max(0, limit - elsewhere)] as const];
    }),
  );
}
