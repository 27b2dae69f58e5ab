/** A provider over an AWS in memory, without a limit of calls or a network. */
import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { AwsProvider } from '../../../../shared/drivers/aws/provider.ts';
import type { Instance, LaunchSpec } from '../../../../shared/drivers/driver.ts';
import { launchSpec, type RecordedSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { never, servicesSubject, type ServicesSubject } from './services.ts';

export interface ProviderSubject extends ServicesSubject {
  readonly config: ProviderConfig;
  readonly provider: AwsProvider;
  readonly specOf: (label: string, changes?: Partial<LaunchSpec>) => RecordedSpec;
  /** Turns the clock until it is over. */
  readonly launch: (spec: RecordedSpec, signal?: AbortSignal) => Promise<Instance>;
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

/** `section`: a provider's section of nodepool.yaml, in which IMAGE is the id of the cloud's image. */
export async function providerSubject(
  section: string,
  options: Partial<AwsCloudOptions> = {},
): Promise<ProviderSubject> {
  const subject = await servicesSubject(options);
  const { clock, cloud, services, log } = subject;
  const config = providerConfig(section.replaceAll('IMAGE', cloud.imageId));
  const env = {
    ...{ clock, random: () => 0.5, log, environment: {}, extension: undefined },
    ...{ pollSeconds: 1, imageCheckSeconds: 300 },
  };
  const provider = await AwsProvider.open({ config, env, services }, never());
  const settle = <T>(promise: Promise<T>): Promise<T> => settleByTurning(clock, promise);
  return {
    ...{ ...subject, config, provider, settle },
    specOf: (label, changes = {}) => launchSpec(config, label, changes),
    launch: (spec, signal = never()) => settle(provider.launch(spec, signal)),
  };
}
