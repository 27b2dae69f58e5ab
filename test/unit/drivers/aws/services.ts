/** The services of an AWS in memory, without a provider, a limit of calls or a network. */
import { AwsCloud } from '../../../../fixtures/aws-cloud/cloud.ts';
import { REGION, type AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { ManualClock } from '../../../../fixtures/clock.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../shared/base/log.ts';
import { openSdk } from '../../../../shared/drivers/aws/client/sdk.ts';
import { openServices, type AwsServices } from '../../../../shared/drivers/aws/client/services.ts';

export interface ServicesSubject {
  readonly clock: ManualClock;
  readonly cloud: AwsCloud;
  readonly services: AwsServices;
  /** Keeps warnings in `warnings`. */
  readonly log: Logger;
  readonly warnings: { readonly message: string; readonly fields: LogFields | undefined }[];
}

export const never = (): AbortSignal => new AbortController().signal;

/** How many calls of that name came. */
export function countOf(cloud: AwsCloud, call: string): number {
  return cloud.calls.filter((one) => one === call).length;
}

export async function servicesSubject(
  options: Partial<AwsCloudOptions> = {},
): Promise<ServicesSubject> {
  const clock = new ManualClock();
  const cloud = new AwsCloud({ clock, ...options });
  const warnings: ServicesSubject['warnings'] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields) => {
      // The SDK warns of Node's version, once.
      if (message !== 'AWS SDK') warnings.push({ message, fields });
    },
  };
  const services = openServices(
    openSdk({
      ...{ section: 'provider aws', region: REGION, profile: undefined, callsPerSecond: Infinity },
      ...{ clock, random: () => 0.5, log, environment: {} },
      ...{ requestHandler: cloud.handler, credentials: cloud.accessKey },
    }),
  );
  // Loads the SDK, which takes time that no clock of ours measures.
  await services.compute.instances(never());
  cloud.calls.length = 0;
  return { clock, cloud, services, log, warnings };
}
