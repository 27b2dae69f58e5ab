/**
 * The `azure` driver: virtual machines of one resource group, against the Resource Manager by
 * Microsoft's own libraries (client/).
 *
 * A connection begins with a token, the subnet, and a look for the labels' images, so that wrong
 * credentials and names are known before the first request.
 */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import { openSession, type SessionOptions } from './client/session.ts';
import { AzureProvider } from './provider.ts';

/** What tests replace. */
export type AzureDriverOptions = SessionOptions;

export function createAzureDriver(options: AzureDriverOptions = {}): Driver {
  return {
    name: 'azure',
    connect: (config, env, signal) => connect(config, env, options, signal),
  };
}

/** The driver that the registry hands out. */
export const driver: Driver = createAzureDriver();

async function connect(
  config: ProviderConfig,
  env: DriverEnv,
  options: AzureDriverOptions,
  signal: AbortSignal,
): Promise<Provider> {
  const session = await openSession(config, env, options, signal);
  try {
    return await AzureProvider.open({ config, env, session }, signal);
  } catch (error) {
    session.close();
    throw error;
  }
}
