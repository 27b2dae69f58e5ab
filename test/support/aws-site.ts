/**
 * An AWS in memory over HTTP, the environment that leads to it, and launchers with a provider of it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
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
import { eventually } from './eventually.ts';
import { config, play, type Scene } from './launcher-scene.ts';
import { loadSdk } from './load-aws-sdk.ts';

export const PROVIDER = 'aws-one';
/** What hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.25;
const PROFILE = 'memory';

type Fields = Readonly<Record<string, unknown>>;

export interface AwsProviderOptions {
  readonly name?: string;
  /** Options by label. Default: `small`, with nothing special. */
  readonly labels?: Readonly<Record<string, Fields>>;
  readonly provider?: Fields;
  readonly pool?: Fields;
}

/** A provider with one pool; its instances have public IPv4 addresses. */
export function awsProvider(options: AwsProviderOptions = {}): Fields {
  const { name = PROVIDER, labels = { small: {} }, provider, pool } = options;
  const entries = Object.entries(labels).map(([label, fields]) => ({
    name: label,
    'cloud-image': 'image',
    'key-name': KEY_NAME,
    ...(!('fleet' in fields) && { 'instance-type': 'm5.large' }),
    ...fields,
  }));
  const filters = [{ name: 'name', values: ['image'] }];
  return {
    name,
    driver: 'aws',
    'region-name': REGION,
    'profile-name': PROFILE,
    rate: 10_000,
    'launch-retries': 1,
    'object-storage': { 'bucket-name': BUCKET },
    'cloud-images': [{ name: 'image', username: 'zuul', 'image-filters': filters }],
    ...provider,
    pools: [
      {
        name: 'main',
        'max-servers': 5,
        'subnet-id': SUBNET_ID,
        'security-group-id': GROUP_ID,
        'availability-zone': ZONES[0],
        'host-key-checking': false,
        ...pool,
        labels: entries,
      },
    ],
  };
}

export interface PlayOptions {
  /** Default: one of `awsProvider`. */
  readonly providers?: readonly Fields[];
  /** Seconds, beside short ones for all that a node's life waits for. */
  readonly intervals?: Readonly<Record<string, number>>;
}

export class AwsSite {
  readonly cloud: AwsCloud;
  readonly #server: AwsCloudServer;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  private constructor(cloud: AwsCloud, server: AwsCloudServer, folder: string) {
    this.cloud = cloud;
    this.#server = server;
    this.#folder = folder;
    this.#environment = exchangeEnvironment({
      AWS_ENDPOINT_URL: server.url,
      AWS_CONFIG_FILE: join(folder, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
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

  /** Keys of the profile, as an operator writes them: whole at once. */
  async writeCredentials(
    { accessKeyId, secretAccessKey }: AccessKey,
    profile = PROFILE,
  ): Promise<void> {
    const path = join(this.#folder, 'credentials');
    const lines = [
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
    ];
    await writeFile(`${path}.new`, [`[${profile}]`, ...lines, ''].join('\n'));
    await rename(`${path}.new`, path);
  }

  /** Runs a test's steps on a scene with a launcher before the cloud. */
  play(steps: (scene: Scene) => Promise<void>, options: PlayOptions = {}): Promise<void> {
    const { providers = [awsProvider()], intervals = {} } = options;
    const short = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'image-check': 0.2 };
    return play(
      config({ providers, extra: { extensions: { intervals: { ...short, ...intervals } } } }),
      steps,
      { drivers: { aws: createAwsDriver({ timeoutSeconds: CALL_TIMEOUT }) } },
    );
  }

  /** Until nothing that costs is left in the cloud. */
  untilEmpty(): Promise<void> {
    return eventually(() => {
      const { instances, hosts, volumes } = this.cloud.counts;
      assert.deepEqual({ instances, hosts, volumes }, { instances: 0, hosts: 0, volumes: 0 });
    });
  }

  async close(): Promise<void> {
    exchangeEnvironment(this.#environment);
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The SDK looks at the environment of its process. Answers with what was there before. */
function exchangeEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const before = Object.fromEntries(
    Object.keys(variables).map((name) => [name, process.env[name]]),
  );
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  return before;
}
