/**
 * The `openstack` driver: servers of an OpenStack cloud, found by `clouds.yaml`, against nova,
 * neutron, glance and cinder by a client of our own (client/).
 *
 * A connection begins with a token, the lists of flavors and networks, and a look for the labels'
 * images, so that wrong credentials and names are known before the first request.
 */
import { homedir, networkInterfaces } from 'node:os';

import type { OpenStackOptions } from '../../../schemas/config/drivers/openstack.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import type { CloudConfig } from './client/cloud-config.ts';
import { loadCloud } from './client/clouds/load.ts';
import { openSession } from './client/session.ts';
import type { Fetch } from '../../cloud/http-transport.ts';
import { OpenStackProvider } from './provider.ts';
import { openServices } from './services.ts';

/** What tests replace. */
export interface OpenStackDriverOptions {
  /** How to reach the cloud. Default: undici, with the TLS options of clouds.yaml. */
  readonly fetch?: Fetch;
  /** Default: clouds.yaml, as openstacksdk finds it. */
  readonly loadCloud?: (
    config: ProviderConfig,
    env: DriverEnv,
    signal: AbortSignal,
  ) => Promise<CloudConfig>;
  /** Whether this host can reach IPv6 addresses. Default: it has one that is not its own link's. */
  readonly hasIpv6?: boolean;
}

export function createOpenStackDriver(options: OpenStackDriverOptions = {}): Driver {
  return {
    name: 'openstack',
    connect: (config, env, signal) => connect(config, env, options, signal),
  };
}

/** The driver that the registry hands out. */
export const driver: Driver = createOpenStackDriver();

async function connect(
  config: ProviderConfig,
  env: DriverEnv,
  options: OpenStackDriverOptions,
  signal: AbortSignal,
): Promise<Provider> {
  const load = options.loadCloud ?? findCloud;
  const cloud = await load(config, env, signal);
  const { clock, random, log, environment, onHttp } = env;
  const { callsPerSecond } = config;
  const session = openSession({
    ...{ config: cloud, clock, random, log, environment, callsPerSecond, onHttp },
    reload: (inner) => load(config, env, inner),
    ...(options.fetch && { fetch: options.fetch }),
  });
  try {
    const services = await openServices(session, signal);
    const hasIpv6 = options.hasIpv6 ?? hasIpv6Address();
    return await OpenStackProvider.open({ config, env, cloud, session, services, hasIpv6 }, signal);
  } catch (error) {
    await session.close();
    throw error;
  }
}

function findCloud(
  config: ProviderConfig,
  { environment, log }: DriverEnv,
  signal: AbortSignal,
): Promise<CloudConfig> {
  const { cloud, regionName } = config.options as OpenStackOptions;
  return loadCloud({
    cloud,
    regionName,
    ...{ environment, log, signal },
    homeDirectory: homedir(),
    workingDirectory: process.cwd(),
  });
}

function hasIpv6Address(): boolean {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some(
      ({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe80/i.test(address),
    );
}
