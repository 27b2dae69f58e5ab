/**
 * An AWS in memory over HTTP, the environment that leads to it, and launchers with a provider of it.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsCloud } from '../../fixtures/aws-cloud/cloud.ts';
import { GROUP_ID, KEY_NAME, SUBNET_ID, ZONES } from '../../fixtures/aws-cloud/ec2/catalog.ts';
import { REGION, type AwsCloudOptions } from '../../fixtures/aws-cloud/ground.ts';
import type { AwsCloudServer } from '../../fixtures/aws-cloud/server.ts';
import type { AccessKey } from '../../fixtures/aws-cloud/signature.ts';
import { BUCKET } from '../../fixtures/aws-cloud/storage/buckets.ts';
import { systemClock } from '../../shared/base/clock.ts';
// Imported here, as mocha's loader would give a lazy import error classes of its own.
import { createAwsDriver } from '../../shared/drivers/aws/driver.ts';
import {
  CloudSite,
  cloudProvider,
  writeWhole,
  type CloudProviderOptions,
  type Fields,
} from './cloud-site.ts';
import { loadSdk } from './load-aws-sdk.ts';

export const PROVIDER = 'aws-one';
/** What hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.25;
const PROFILE = 'memory';

/** A provider with one pool; its instances have public IPv4 addresses. */
export function awsProvider(options: CloudProviderOptions = {}): Fields {
  const filters = [{ name: 'name', values: ['image'] }];
  return cloudProvider(
    {
      name: PROVIDER,
      provider: {
        driver: 'aws',
        'region-name': REGION,
        'profile-name': PROFILE,
        rate: 10_000,
        'object-storage': { 'bucket-name': BUCKET },
        'cloud-images': [{ name: 'image', username: 'zuul', 'image-filters': filters }],
      },
      pool: {
        'subnet-id': SUBNET_ID,
        'security-group-id': GROUP_ID,
        'availability-zone': ZONES[0],
      },
      label: (fields) => ({
        'key-name': KEY_NAME,
        ...(!('fleet' in fields) && { 'instance-type': 'm5.large' }),
      }),
    },
    options,
  );
}

export class AwsSite extends CloudSite<AwsCloud> {
  readonly #credentialsFile: string;
  readonly #environment: Environment;

  private constructor(cloud: AwsCloud, server: AwsCloudServer, folder: string) {
    const aws = createAwsDriver({ timeoutSeconds: CALL_TIMEOUT });
    super({ cloud, server, folder, drivers: { aws } });
    this.#credentialsFile = join(folder, 'credentials');
    this.#environment = exchangeEnvironment({
      AWS_ENDPOINT_URL: server.url,
      AWS_CONFIG_FILE: join(folder, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: this.#credentialsFile,
      // Nobody is asked who may be there.
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PROFILE: undefined,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
    });
  }

  static async open(options: Partial<AwsCloudOptions> = {}): Promise<AwsSite> {
    // A call that has to wait for it would look like one that hangs.
    await loadSdk();
    const cloud = new AwsCloud({
      ...{ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05 },
      ...options,
    });
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-aws-'));
    const site = new AwsSite(cloud, await cloud.serve(), folder);
    await site.writeCredentials(cloud.accessKey);
    return site;
  }

  provider(options: CloudProviderOptions = {}): Fields {
    return awsProvider(options);
  }

  /** Keys of the profile. */
  writeCredentials({ accessKeyId, secretAccessKey }: AccessKey, profile = PROFILE): Promise<void> {
    const lines = [
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
    ];
    return writeWhole(this.#credentialsFile, [`[${profile}]`, ...lines, ''].join('\n'));
  }

  override async close(): Promise<void> {
    exchangeEnvironment(this.#environment);
    await super.close();
  }

  protected costs(): Readonly<Record<string, number>> {
    const { instances, hosts, volumes } = this.cloud.counts;
    return { instances, hosts, volumes };
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The SDK looks at the environment of its process. Answers with what was there before. */
function exchangeEnvironment(variables: Environment): Environment {
  const before = Object.fromEntries(
    Object.keys(variables).map((name) => [name, process.env[name]]),
  );
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  return before;
}
