/**
 * Where the Compute Engine is. Another address, such as that of a private endpoint, is named under
 * `extensions: drivers: gce: endpoint:`, since Python Nodepool has no option for it.
 */
import { z } from 'zod';

import { ConfigError } from '../../../base/errors.ts';

const ENDPOINT = 'https://compute.googleapis.com';

const extension = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text), 'no path, query or user')
    .optional(),
});

/**
 * `value`: what stands under `extensions: drivers: gce:`.
 *
 * @throws ConfigError NP_CONFIG_INVALID
 */
export function endpointFor(value: unknown): URL {
  const parsed = extension.safeParse(value ?? {});
  if (parsed.success) return new URL(parsed.data.endpoint ?? ENDPOINT);
  throw new ConfigError(
    'NP_CONFIG_INVALID',
    `extensions: drivers: gce: ${z.prettifyError(parsed.error)}`,
  );
}
