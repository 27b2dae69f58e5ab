/**
 * What the subscription may use in the location, and what machines use of it.
 *
 *   instances:            `virtualMachines`
 *   cores, ram (MiB):     `cores`; Azure has no limit of memory
 *   standardDSv5Family…:  cores of one family of sizes, under the name that its sizes give
 *
 * Limits are of the subscription, listings of the resource group: what is used elsewhere is subtracted
 * here, what foreign machines of the group use is subtracted by the launcher. All pure.
 */
import type { Usage, VirtualMachine } from '@azure/arm-compute';

import type { Quota } from '../../../schemas/quota.ts';
import { isSameLocation, skuOf, type Sku, type SkuList } from './skus.ts';

/** What one machine of the size takes. */
export function skuQuota(sku: Sku | undefined): Quota {
  const { family, cores, ramMib } = sku ?? {};
  return {
    instances: 1,
    ...(cores !== undefined && { cores }),
    ...(ramMib !== undefined && { ram: ramMib }),
    ...(family !== undefined && cores !== undefined && { [family]: cores }),
  };
}

/** What a machine takes of the location's limits: elsewhere nothing. */
export function machineQuota(
  machine: Pick<VirtualMachine, 'location' | 'hardwareProfile'>,
  skus: SkuList,
  location: string,
): Quota {
  if (!isSameLocation(machine.location, location)) return {};
  return skuQuota(skuOf(skus, machine.hardwareProfile?.vmSize ?? ''));
}

/**
 * What is left for machines of the resource group.
 *
 * `families`: those that labels use; the others are in nobody's way. `used`: what machines of the
 * group take.
 */
export function limitsFor(
  usages: readonly Usage[],
  families: readonly string[],
  used: Quota,
): Quota {
  const names = new Map<string, string>([
    ['virtualmachines', 'instances'],
    ['cores', 'cores'],
    // Sizes and limits do not always agree on upper and lower case.
    ...families.map((family) => [family.toLowerCase(), family] as const),
  ]);
  return Object.fromEntries(
    usages.flatMap(({ name: { value = '' }, limit, currentValue }) => {
      const name = names.get(value.toLowerCase());
      if (name === undefined || limit < 0) return [];
      const elsewhere = Math.max(0, currentValue - (used[name] ?? 0));
      return [[name, Math.max(0, limit - elsewhere)] as const];
    }),
  );
}
