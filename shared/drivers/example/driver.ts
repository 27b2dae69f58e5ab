/**
 * The `example` driver: machines of an imaginary cloud with an HTTP interface, the smallest driver
 * that keeps every promise of driver.ts. Authors of drivers copy it; docs/driver-author.md explains
 * it. Nothing in the world serves this interface but fixtures/example-cloud.
 *
 * What Python Nodepool's section has no option for stands under `extensions: drivers: example:`, and
 * the secret comes from the environment.
 */
import { z } from 'zod';

import { CloudError, ConfigError } from '../../base/errors.ts';
import { CloudCalls } from '../../cloud/calls.ts';
import type { ExampleOptions } from '../../../schemas/config/drivers/example.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import { ExampleClient, type Fetch } from './client.ts';
import { ExampleProvider } from './provider.ts';

const extension = z.strictObject({
  /** Where the cloud is. */
  endpoint: z.url({ protocol: /^https?$/ }),
  /** Seconds for one call. Default 30. */
  'call-timeout': z.number().positive().optional(),
});

/** `fetch`: how to reach the cloud; tests give their own. */
export function createExampleDriver(fetch: Fetch = globalThis.fetch): Driver {
  return {
    name: 'example',
    connect: (config, env, signal) => connect(config, { ...env, fetch }, signal),
  };
}

/** The driver that the registry hands out. */
export const driver: Driver = createExampleDriver();

async function connect(
  config: ProviderConfig,
  env: DriverEnv & { readonly fetch: Fetch },
  signal: AbortSignal,
): Promise<Provider> {
  const { endpoint, 'call-timeout': timeoutSeconds } = readExtension(env.extension);
  const { clock, random, fetch } = env;
  const { callsPerSecond } = config;
  const calls = new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
  const token = env.environment.EXAMPLE_CLOUD_TOKEN ?? '';
  const client = new ExampleClient({
    baseUrl: baseUrl(endpoint, config),
    token,
    calls,
    clock,
    fetch,
  });
  try {
    // Proves the credentials, and is needed anyway.
    const types = await client.machineTypes(signal);
    return new ExampleProvider({ config, env, client, types });
  } catch (error) {
    client.close();
    throw error;
  }
}

function readExtension(value: unknown): z.output<typeof extension> {
  const parsed = extension.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    'NP_CONFIG_INVALID',
    `extensions: drivers: example: ${z.prettifyError(parsed.error)}`,
  );
}

function baseUrl(endpoint: string, config: ProviderConfig): string {
  const { project, region } = config.options as ExampleOptions;
  if (project === undefined || region === undefined)
    throw new CloudError('NP_CLOUD_FATAL', `provider ${config.name} has no project or no region`);
  const path = [project, region].map(encodeURIComponent).join('/');
  return `${endpoint.replace(/\/+$/, '')}/v1/${path}`;
}
