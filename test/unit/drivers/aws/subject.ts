/** An AWS provider under a hand-turned clock, and its cloud without a network. */
import { ManualClock } from '../../../../fixtures/clock.ts';
import { AwsCloud } from '../../../../fixtures/aws-cloud/cloud.ts';
import {
  GROUP_ID,
  KEY_NAME,
  SUBNET_ID,
  ZONES,
} from '../../../../fixtures/aws-cloud/ec2/catalog.ts';
import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { BUCKET } from '../../../../fixtures/aws-cloud/storage/buckets.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { createAwsDriver } from '../../../../shared/drivers/aws/driver.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { providerConfig } from '../../../support/provider-config.ts';

/** A provider's section of nodepool.yaml, with a label of each kind of machine. */
export const SECTION = `
name: aws-provider
driver: aws
region-name: us-west-2
rate: 1000
object-storage: {bucket-name: ${BUCKET}}
cloud-images:
  - {name: image, username: zuul, image-filters: [{name: name, values: [image]}]}
pools:
  - name: main
    subnet-id: ${SUBNET_ID}
    security-group-id: ${GROUP_ID}
    availability-zone: ${String(ZONES[0])}
    labels:
      - {name: plain, cloud-image: image, key-name: ${KEY_NAME}, instance-type: t3.micro}
      - {name: spot, cloud-image: image, key-name: ${KEY_NAME}, instance-type: m5.large, use-spot: true}
      - name: fleet
        cloud-image: image
        key-name: ${KEY_NAME}
        fleet: {instance-types: [m5.large, c5.large], allocation-strategy: prioritized}
      - {name: host, cloud-image: image, key-name: ${KEY_NAME}, instance-type: m5.large, dedicated-host: true}
`;

export interface AwsSubject {
  readonly clock: ManualClock;
  readonly cloud: AwsCloud;
  readonly config: ProviderConfig;
  /** Rejects where the provider cannot start. */
  readonly connect: () => Promise<Provider>;
}

export function awsSubject(options: Partial<AwsCloudOptions> = {}, section = SECTION): AwsSubject {
  const clock = new ManualClock();
  const cloud = new AwsCloud({ clock, ...options });
  const config = providerConfig(section);
  const env = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    environment: {},
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const driver = createAwsDriver({ requestHandler: cloud.handler, credentials: cloud.accessKey });
  return {
    clock,
    cloud,
    config,
    connect: () => driver.connect(config, env, new AbortController().signal),
  };
}
