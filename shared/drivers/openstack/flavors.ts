/** Which flavor a label means. Pure. Facts: nodepool/driver/openstack/adapter.py. */
import type { OpenStackLabelOptions } from '../../../schemas/config/drivers/openstack.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { CloudError } from '../../base/errors.ts';
import type { Flavor } from './client/compute.ts';
import { listed } from '../../cloud/listed.ts';

/**
 * With `min-ram` the smallest with enough memory, whose name contains `flavor-name` if that is given;
 * else the one of that exact name or id.
 *
 * `flavors`: as `bySize` orders them.
 *
 * @throws CloudError NP_CLOUD_FATAL, which names what there is.
 */
export function chooseFlavor(
  flavors: readonly Flavor[],
  label: string,
  { minRamMib, flavorName }: OpenStackLabelOptions,
): Flavor {
  const found =
    minRamMib > 0
      ? flavors.find(
          ({ ram, name }) => ram >= minRamMib && (!flavorName || name.includes(flavorName)),
        )
      : flavors.find(({ name, id }) => name === flavorName || id === flavorName);
  if (found !== undefined) return found;
  const wanted = minRamMib > 0 ? ramText(minRamMib, flavorName) : `flavor-name: ${flavorName}`;
  throw new CloudError('NP_CLOUD_FATAL', `label ${label}: no flavor for ${wanted}`, {
    hint: `the cloud has: ${listed(flavors.map(({ name, ram }) => `${name} (${ram} MiB)`))}`,
  });
}

/** What one server of the flavor takes. */
export function flavorQuota({ vcpus, ram }: Pick<Flavor, 'vcpus' | 'ram'>): Quota {
  return { instances: 1, cores: vcpus, ram };
}

/** By memory, then by name. */
export function bySize(flavors: readonly Flavor[]): Flavor[] {
  return flavors.toSorted((a, b) => a.ram - b.ram || (a.name < b.name ? -1 : 1));
}

function ramText(minRamMib: number, flavorName: string | undefined): string {
  const name = flavorName ? ` and flavor-name: ${flavorName}` : '';
  return `min-ram: ${minRamMib}${name}`;
}
