/**
 * The `aws` driver: instances of Amazon EC2, and images by S3 and EBS, with AWS's own SDK (client/).
 *
 * A connection begins with a look at instances, which proves the credentials, and at what the labels
 * name, so that wrong options are known before the first request.
 */
import type { AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Driver, DriverEnv, Provider } from '../driver.ts';
import { openSdk, type SdkReplacements } from './client/sdk.ts';
import { openServices } from './client/services.ts';
import { AwsProvider } from './provider.ts';

/** What tests replace. */
export type AwsDriverOptions = SdkReplacements;

export function createAwsDriver(options: AwsDriverOptions = {}): Driver {
  return {
    name: 'aws',
    connect: (config, env, signal) => connect(config, env, options, signal),
  };
}

/** The driver that the registry hands out. */
export const driver: Driver = createAwsDriver();

async function connect(
  config: ProviderConfig,
  env: DriverEnv,
  options: AwsDriverOptions,
  signal: AbortSignal,
): Promise<Provider> {
  const { regionName: region, profileName: profile } = config.options as AwsOptions;
  const { clock, random, log, environment, onHttp } = env;
  const { callsPerSecond } = config;
  const section = `provider ${config.name}`;
  const services = openServices(
    openSdk({
      ...{ section, region, profile, callsPerSecond, clock, random, log, environment, onHttp },
      ...options,
    }),
  );
  try {
    // Python Nodepool lists instances, too: no policy has to allow more than it did.
    await services.compute.prove(signal);
    return await AwsProvider.open({ config, env, services }, signal);
  } catch (error) {
    services.close();
    throw error;
  }
}
