/** What a launcher or builder needs to work on moto, and a test to look and to disturb. */
import assert from 'node:assert/strict';

import { startAwsProxy, type AwsProxy } from '../../../fixtures/proxy/aws-proxy.ts';
import { createAwsDriver } from '../../../shared/drivers/aws/driver.ts';
import type { AwsServices } from '../../../shared/drivers/aws/client/services.ts';
import { tagRecord, type AwsTag } from '../../../shared/drivers/aws/client/tags.ts';
import type { Driver } from '../../../shared/drivers/driver.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play, type Scene } from '../../support/launcher-scene.ts';
import { CREDENTIALS, type Moto } from './moto.ts';

type Fields = Readonly<Record<string, unknown>>;

export const ZONE = 'us-west-2a';
/** Rounds of upkeep come soon, so that what is left behind goes soon. */
const INTERVALS = { delete: 0.5, cleanup: 1, 'cloud-poll': 0.2, 'image-check': 1 };
const PATIENCE_MS = 60_000;
const signal = new AbortController().signal;

export interface ProviderOptions {
  /** Options by label. */
  readonly labels: Readonly<Record<string, Fields>>;
  readonly provider?: Fields;
  readonly pool?: Fields;
}

export class Site {
  readonly moto: Moto;
  readonly proxy: AwsProxy;
  /** Straight to moto, past the proxy. */
  readonly services: AwsServices;
  readonly driver: Driver;
  /** Tags tell providers of different tests apart. */
  readonly provider: string;

  private constructor(moto: Moto, proxy: AwsProxy, provider: string) {
    this.moto = moto;
    this.proxy = proxy;
    this.provider = provider;
    this.services = moto.services();
    this.driver = createAwsDriver({ endpoint: proxy.url, credentials: CREDENTIALS });
  }

  static async open(moto: Moto, provider: string): Promise<Site> {
    return new Site(moto, await startAwsProxy(moto.url), provider);
  }

  /** A provider section with one pool. */
  section({ labels, provider, pool }: ProviderOptions): Fields {
    const { moto } = this;
    return {
      ...{ name: this.provider, driver: 'aws', 'region-name': moto.region, rate: 20 },
      'launch-retries': 1,
      'cloud-images': [{ name: 'image', username: 'zuul', 'image-id': moto.image }],
      ...provider,
      pools: [
        {
          ...{ name: 'main', 'max-servers': 5, 'host-key-checking': false },
          ...{ 'subnet-id': moto.subnet, 'security-group-id': moto.group },
          'availability-zone': ZONE,
          ...pool,
          labels: Object.entries(labels).map(([name, fields]) => ({
            ...{ name, 'key-name': moto.keyName },
            ...('diskimage' in fields ? {} : { 'cloud-image': 'image' }),
            ...('fleet' in fields ? {} : { 'instance-type': 't3.micro' }),
            ...fields,
          })),
        },
      ],
    };
  }

  /** Runs a test's steps with a launcher before moto. */
  play(options: ProviderOptions, steps: (scene: Scene) => Promise<void>): Promise<void> {
    const providers = [this.section(options)];
    const file = config({ providers, extra: { extensions: { intervals: INTERVALS } } });
    return play(file, steps, { drivers: { aws: this.driver } });
  }

  /** What carries the provider's tag, by kind. */
  async left(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { compute, images } = this.services;
    const [instances, hosts, volumes, amis, snapshots] = await Promise.all([
      compute.instances(signal),
      compute.hosts(signal),
      compute.volumes(signal),
      images.own(signal),
      images.snapshots(signal),
    ]);
    return {
      instances: this.#own(instances, ({ InstanceId }) => InstanceId),
      hosts: this.#own(hosts, ({ HostId }) => HostId),
      volumes: this.#own(volumes, ({ VolumeId }) => VolumeId),
      amis: this.#own(amis, ({ ImageId }) => ImageId),
      snapshots: this.#own(snapshots, ({ SnapshotId }) => SnapshotId),
    };
  }

  /** Until nothing is left at AWS but what is named. */
  untilLeft(wanted: Readonly<Record<string, readonly string[]>> = {}): Promise<void> {
    const none = { instances: [], hosts: [], volumes: [], amis: [], snapshots: [] };
    return eventually(
      async () => {
        assert.deepEqual(await this.left(), { ...none, ...wanted });
      },
      PATIENCE_MS,
      200,
    );
  }

  async close(): Promise<void> {
    this.services.close();
    await this.proxy.close();
  }

  #own<T extends { readonly Tags?: readonly AwsTag[] | undefined }>(
    things: readonly T[],
    idOf: (thing: T) => string | undefined,
  ): readonly string[] {
    return things
      .filter(({ Tags }) => tagRecord(Tags).nodepool_provider_name === this.provider)
      .flatMap((thing) => idOf(thing) ?? []);
  }
}
