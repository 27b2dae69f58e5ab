/**
 * An IBM Cloud in memory over HTTP, a file of credentials that leads to it, and launchers with a
 * provider of it.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKET } from '../../fixtures/aws-cloud/storage/buckets.ts';
import { IbmCloud } from '../../fixtures/ibm-cloud/cloud.ts';
import { REGION, type IbmCloudOptions } from '../../fixtures/ibm-cloud/ground.ts';
import { API_KEY } from '../../fixtures/ibm-cloud/iam.ts';
import { STORAGE_NAME } from '../../fixtures/ibm-cloud/resources.ts';
import type { IbmCloudServer } from '../../fixtures/ibm-cloud/server.ts';
import { systemClock } from '../../shared/base/clock.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import { createIbmVpcDriver } from '../../shared/drivers/ibmvpc/driver.ts';
import {
  CloudSite,
  cloudProvider,
  writeWhole,
  type CloudProviderOptions,
  type Fields,
} from './cloud-site.ts';

export const PROVIDER = 'ibm-one';
/** A call that hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.5;

/** An image that IBM has. */
export const IMAGE = {
  name: 'image',
  username: 'root',
  keys: ['ci-key'],
  'image-name': 'ibm-debian-12-amd64-1',
};

export class IbmSite extends CloudSite<IbmCloud> {
  /** The one that ships, but that it knows where the cloud is and gives up calls soon. */
  readonly driver: Driver;
  /** Of all services of the cloud. */
  readonly origin: string;
  readonly credentialsPath: string;

  readonly #hasStorage: boolean;

  private constructor(
    cloud: IbmCloud,
    server: IbmCloudServer,
    { folder, hasStorage }: { readonly folder: string; readonly hasStorage: boolean },
  ) {
    const ibmvpc = createIbmVpcDriver({
      endpoints: endpointsAt(server.origin),
      timeoutSeconds: CALL_TIMEOUT,
    });
    super({ cloud, server, folder, drivers: { ibmvpc } });
    this.driver = ibmvpc;
    this.origin = server.origin;
    this.#hasStorage = hasStorage;
    this.credentialsPath = join(folder, 'ibm-credentials.env');
  }

  /** `hasStorage`: its providers have an object storage. */
  static async open(
    options: Partial<IbmCloudOptions> = {},
    { hasStorage = false } = {},
  ): Promise<IbmSite> {
    const cloud = new IbmCloud({
      ...{ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05, addressSeconds: 0.05 },
      ...options,
    });
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-ibm-'));
    const site = new IbmSite(cloud, await cloud.serve(), { folder, hasStorage });
    await site.writeCredentials();
    return site;
  }

  /** The file that works, with other variables over it. */
  writeCredentials(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = { VPC_APIKEY: API_KEY, VPC_AUTH_URL: this.origin, ...variables };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    return writeWhole(this.credentialsPath, lines.join(''));
  }

  /** A provider with one pool; its instances have floating IPs. */
  provider(options: CloudProviderOptions = {}): Fields {
    return cloudProvider(
      {
        name: PROVIDER,
        provider: {
          driver: 'ibmvpc',
          region: REGION,
          vpc: 'ci-vpc',
          zone: 'us-south-1',
          subnet: 'ci-subnet-1',
          'credentials-file': this.credentialsPath,
          'public-ipv4': true,
          rate: 10_000,
          'cloud-images': [IMAGE],
          ...(this.#hasStorage && { 'object-storage': this.#storage() }),
        },
        label: () => ({ profile: 'bx2-2x8' }),
      },
      options,
    );
  }

  #storage(): Fields {
    return { 'instance-name': STORAGE_NAME, endpoint: this.origin, 'bucket-name': BUCKET };
  }

  protected costs(): Readonly<Record<string, number>> {
    const { instances, volumes, floatingIps } = this.cloud.counts;
    return { instances, volumes, floatingIps };
  }
}

/** As `extensions: drivers: ibmvpc: endpoints:` names them. */
export function endpointsAt(origin: string) {
  return {
    vpc: `${origin}/v1`,
    'resource-manager': `${origin}/v2`,
    'resource-controller': `${origin}/v2`,
  };
}
