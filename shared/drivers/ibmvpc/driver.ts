/**
 * The `ibmvpc` driver: instances of a virtual private cloud of IBM's, by its VPC API (client/).
 */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import { openSession, type SessionOptions } from './client/session.ts';
import { IbmVpcProvider } from './provider.ts';

/** What tests replace. */
export type IbmVpcDriverOptions = SessionOptions;

export function createIbmVpcDriver(options: IbmVpcDriverOptions = {}): Driver {
  return {
    name: 'ibmvpc',
    connect: (config, env, signal) => connect(config, env, options, signal),
  };
}

/** The driver that the registry hands out. */
export const driver: Driver = createIbmVpcDriver();

async function connect(
  config: ProviderConfig,
  env: DriverEnv,
  options: IbmVpcDriverOptions,
  signal: AbortSignal,
): Promise<Provider> {
  const session = await openSession(config, env, options, signal);
  try {
    return await IbmVpcProvider.open({ config, env, session }, signal);
  } catch (error) {
    session.close();
    throw error;
  }
}
