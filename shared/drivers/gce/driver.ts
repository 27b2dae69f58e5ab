/**
 * The `gce` driver: instances of one project and zone of Google's Compute Engine, by Google's own
 * libraries (client/).
 *
 * A connection begins with a token, the region, and a look for the labels' images, so that wrong
 * credentials and names are known before the first request.
 */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import { openSession, type SessionOptions } from './client/session.ts';
import { GceProvider } from './provider.ts';

/** What tests replace. */
export type GceDriverOptions = SessionOptions;

export function createGceDriver(options: GceDriverOptions = {}): Driver {
  return {
    name: 'gce',
    connect: (config, env, signal) => connect(config, env, options, signal),
  };
}

/** The driver that the registry hands out. */
export const driver: Driver = createGceDriver();

async function connect(
  config: ProviderConfig,
  env: DriverEnv,
  options: GceDriverOptions,
  signal: AbortSignal,
): Promise<Provider> {
  const session = await openSession(config, env, options, signal);
  try {
    return await GceProvider.open({ config, env, session }, signal);
  } catch (error) {
    session.close();
    throw error;
  }
}
