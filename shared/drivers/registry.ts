/**
 * The drivers by name. A driver's module, and so its cloud's SDK, is loaded when the first provider
 * asks for it, and never where the configuration does not use it.
 */
import type { ProviderConfig } from '../../schemas/config/model.ts';
import { ConfigError } from '../base/errors.ts';
import type { Driver } from './driver.ts';

type Loader = () => Promise<{ readonly driver: Driver }>;

const loaders: Readonly<Record<string, Loader>> = {
  aws: () => import('./aws/driver.ts'),
  azure: () => import('./azure/driver.ts'),
  example: () => import('./example/driver.ts'),
  fake: () => import('./fake/driver.ts'),
  gce: () => import('./gce/driver.ts'),
  ibmvpc: () => import('./ibmvpc/driver.ts'),
  kubernetes: () => import('./kubernetes/driver.ts'),
  metastatic: () => import('./metastatic/driver.ts'),
  openshift: () => import('./openshift/driver.ts'),
  openshiftpods: () => import('./openshiftpods/driver.ts'),
  openstack: () => import('./openstack/driver.ts'),
  static: () => import('./static/driver.ts'),
};

/** The names that `loadDriver` knows, in alphabetical order. */
export const driverNames: readonly string[] = Object.keys(loaders).toSorted();

/** Which driver: all of `ProviderConfig` that tells it. */
export type DriverChoice = Pick<ProviderConfig, 'driver' | 'driverModule'>;

/** The driver that a provider of nodepool.yaml wants. */
export async function loadDriver({ driver: name, driverModule }: DriverChoice): Promise<Driver> {
  if (driverModule !== undefined) {
    const { loadOutsideDriver } = await import('./outside.ts');
    return loadOutsideDriver(name, driverModule);
  }
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load === undefined)
    throw new ConfigError('NP_CONFIG_INVALID', `there is no driver ${name}`, {
      hint: `drivers of this release: ${driverNames.join(', ')}`,
    });
  return (await load()).driver;
}
