/**
 * The catalog that comes with a token: where the services are, by type, region and interface.
 *
 * One type has had several names (service-types of openstack.org): the first in the list that the
 * catalog has in the region is taken.
 */
import { z } from 'zod';

import { CloudError } from '../../../base/errors.ts';
import type { ServiceOptions, ServiceType } from './cloud-config.ts';

export const catalogSchema = z.array(
  z.object({
    type: z.string(),
    name: z.string().nullish(),
    endpoints: z
      .array(
        z.object({
          interface: z.string().nullish(),
          region: z.string().nullish(),
          region_id: z.string().nullish(),
          url: z.string(),
        }),
      )
      .default([]),
  }),
);

export type Catalog = z.output<typeof catalogSchema>;
type CatalogEndpoint = Catalog[number]['endpoints'][number];

const NAMES: Readonly<Record<ServiceType, readonly string[]>> = {
  compute: ['compute'],
  network: ['network'],
  image: ['image'],
  'block-storage': ['block-storage', 'volumev3', 'volumev2', 'volume', 'block-store'],
};

export interface EndpointWish {
  readonly type: ServiceType;
  readonly options: ServiceOptions;
  /** Of the cloud; undefined: the first of the catalog. */
  readonly regionName: string | undefined;
}

/**
 * The service's address. Undefined: the cloud has none of the type in the region. A region that the
 * catalog does not know, or an interface that the service does not have, is NP_CLOUD_FATAL.
 */
export function findEndpoint(catalog: Catalog, wish: EndpointWish): string | undefined {
  const region = wish.options.regionName ?? wish.regionName;
  const services = servicesOf(catalog, wish);
  if (services.length === 0) return undefined;
  const inRegion = services
    .map((endpoints) => endpoints.filter((one) => isIn(one, region)))
    .filter((endpoints) => endpoints.length > 0);
  if (inRegion.length === 0) {
    if (region !== undefined) checkRegion(catalog, region);
    return undefined;
  }
  const wanted = wish.options.interface;
  for (const endpoints of inRegion) {
    const found = endpoints.find((one) => interfaceOf(one) === wanted);
    if (found !== undefined) return found.url;
  }
  throw new CloudError(
    'NP_CLOUD_FATAL',
    `the catalog has no ${wanted} endpoint of ${wish.type} in region ${region ?? 'any'}, ` +
      `but ${listed(inRegion.flat().map(interfaceOf))}`,
    { hint: `see interface and ${wish.type.replace('-', '_')}_interface in clouds.yaml` },
  );
}

/** The endpoints of each service that may be meant, the best first. */
function servicesOf(catalog: Catalog, { type, options }: EndpointWish): CatalogEndpoint[][] {
  const { serviceType, serviceName } = options;
  const names = [...new Set([...(serviceType === undefined ? [] : [serviceType]), ...NAMES[type]])];
  return names
    .flatMap((name) => catalog.filter((service) => service.type === name))
    .filter(({ name }) => serviceName === undefined || name === serviceName)
    .map(({ endpoints }) => endpoints);
}

function checkRegion(catalog: Catalog, region: string): void {
  const all = catalog.flatMap(({ endpoints }) => endpoints);
  if (all.some((one) => isIn(one, region))) return;
  const regions = all.map((one) => one.region_id ?? one.region ?? '').filter((one) => one !== '');
  throw new CloudError(
    'NP_CLOUD_FATAL',
    `the catalog has no region ${region}, but ${listed(regions)}`,
    { hint: 'see region-name of the provider and region_name in clouds.yaml' },
  );
}

function isIn(endpoint: CatalogEndpoint, region: string | undefined): boolean {
  return region === undefined || endpoint.region_id === region || endpoint.region === region;
}

/** Old catalogs say `publicURL`. */
function interfaceOf({ interface: name }: CatalogEndpoint): string {
  return (name ?? '').replace(/URL$/, '');
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].toSorted().join(', ') || 'none';
}
