/** A provider of IBM VPC under a hand-turned clock, and its cloud without a network. */
import { ManualClock } from '../../../../fixtures/clock.ts';
import { IbmCloud } from '../../../../fixtures/ibm-cloud/cloud.ts';
import { REGION, type IbmCloudOptions } from '../../../../fixtures/ibm-cloud/ground.ts';
import { API_KEY } from '../../../../fixtures/ibm-cloud/iam.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { createIbmVpcDriver } from '../../../../shared/drivers/ibmvpc/driver.ts';
import { providerConfig } from '../../../support/provider-config.ts';

/** Further entries of cloud-images and of labels, and options, each in one line of YAML. */
interface More {
  readonly provider?: readonly string[];
  readonly images?: readonly string[];
  readonly labels?: readonly string[];
}

export const PROVIDER = 'ibm-provider';

/** A provider's section of nodepool.yaml; a label of each kind of image. */
const sectionOf = (pool: string, { provider = [], images = [], labels = [] }: More): string => `
name: ${PROVIDER}
driver: ibmvpc
region: ${REGION}
vpc: ci-vpc
zone: us-south-1
subnet: ci-subnet-1
rate: 1000
${provider.join('\n')}
cloud-images:
  - {name: vendors, username: root, keys: [ci-key], image-name: ibm-debian-12-amd64-1}
${images.map((one) => `  - {username: root, ${one}}`).join('\n')}
diskimages:
  - {name: uploaded, operating-system: debian-12-amd64}
pools:
  - name: main
    max-servers: 10
    ${pool}
    labels:
      - {name: vendors, cloud-image: vendors, profile: bx2-2x8}
      - {name: uploaded, diskimage: uploaded, profile: cx2-2x4}
${labels.map((one) => `      - {profile: bx2-2x8, ${one}}`).join('\n')}
`;

export interface IbmVpcSubject {
  readonly clock: ManualClock;
  readonly cloud: IbmCloud;
  readonly config: ProviderConfig;
  /** Rejects where the provider cannot start. */
  readonly connect: () => Promise<Provider>;
}

/** `pool`: further options of the pool, lines of YAML. Default: public addresses. */
export function ibmVpcSubject(
  options: Partial<IbmCloudOptions> = {},
  pool = 'public-ipv4: true',
  more: More = {},
): IbmVpcSubject {
  const clock = new ManualClock();
  const cloud = new IbmCloud({ clock, ...options });
  const config = providerConfig(sectionOf(pool, more));
  const env = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    // No file of this machine's has credentials.
    environment: { VPC_APIKEY: API_KEY, HOME: '/nonexistent' },
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const driver = createIbmVpcDriver({ fetch: cloud.fetch });
  return {
    clock,
    cloud,
    config,
    connect: () => driver.connect(config, env, new AbortController().signal),
  };
}
