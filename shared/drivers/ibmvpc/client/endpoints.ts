/**
 * Where IBM's services are. Another address, such as that of a private endpoint, is named under
 * `extensions: drivers: ibmvpc: endpoints:`, since Python Nodepool has no option for it.
 */
import { z } from 'zod';

import { ConfigError } from '../../../base/errors.ts';

/** URLs that paths are put behind, without a slash at the end. */
export interface Endpoints {
  /** VPC of the region, with `/v1`. */
  readonly vpc: string;
  /** Resource groups, with `/v2`. */
  readonly 'resource-manager': string;
  /** Ordered services, with `/v2`. */
  readonly 'resource-controller': string;
}

export type ServiceName = keyof Endpoints;

/** Both services are known by this host. */
const RESOURCES = 'https://resource-controller.cloud.ibm.com/v2';

const address = z
  .url({ protocol: /^https?$/ })
  .transform((text) => text.replace(/\/+$/, ''))
  .optional();

const extension = z.strictObject({
  endpoints: z
    .strictObject({
      vpc: address,
      'resource-manager': address,
      'resource-controller': address,
    })
    .optional(),
});

/**
 * `value`: what stands under `extensions: drivers: ibmvpc:`; `{region}` in it is the provider's region.
 *
 * @throws ConfigError NP_CONFIG_INVALID
 */
export function endpointsFor(region: string, value: unknown): Endpoints {
  const parsed = extension.safeParse(value ?? {});
  if (!parsed.success)
    throw new ConfigError(
      'NP_CONFIG_INVALID',
      `extensions: drivers: ibmvpc: ${z.prettifyError(parsed.error)}`,
    );
  const named = parsed.data.endpoints ?? {};
  const put = (text: string): string => text.replaceAll('{region}', region);
  return {
    vpc: put(named.vpc ?? 'https://{region}.iaas.cloud.ibm.com/v1'),
    'resource-manager': put(named['resource-manager'] ?? RESOURCES),
    'resource-controller': put(named['resource-controller'] ?? RESOURCES),
  };
}
