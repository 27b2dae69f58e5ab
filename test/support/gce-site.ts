/**
 * A Compute Engine in memory over HTTP, a service account's file that leads to it, and launchers with a
 * provider of it.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GceCloud } from '../../fixtures/gce-cloud/cloud.ts';
import { PROJECT, REGION, ZONE, type GceCloudOptions } from '../../fixtures/gce-cloud/ground.ts';
import type { GceCloudServer } from '../../fixtures/gce-cloud/server.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { libraries } from '../../shared/drivers/gce/client/libraries.ts';
import { createGceDriver } from '../../shared/drivers/gce/driver.ts';
import {
  CloudSite,
  cloudProvider,
  writeWhole,
  type CloudProviderOptions,
  type Fields,
} from './cloud-site.ts';

export const PROVIDER = 'gce-one';
/** A call that hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.5;

/** An image that Google has. */
export const IMAGE = {
  name: 'image',
  username: 'zuul',
  key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody',
  'image-project': 'debian-cloud',
  'image-family': 'debian-12',
};

export class GceSite extends CloudSite<GceCloud> {
  /** Path of the file with the account's key. */
  readonly keyPath: string;
  /** Of all its services. */
  readonly origin: string;

  private constructor(cloud: GceCloud, server: GceCloudServer, folder: string) {
    const gce = createGceDriver({ fetch: server.fetch, timeoutSeconds: CALL_TIMEOUT });
    super({ cloud, server, folder, drivers: { gce } });
    this.keyPath = join(folder, 'key.json');
    this.origin = server.origin;
  }

  static async open(options: Partial<GceCloudOptions> = {}): Promise<GceSite> {
    // A call that loads them first would be given up.
    await Promise.all(Object.values(libraries).map((load): Promise<unknown> => load()));
    const cloud = new GceCloud({
      ...{ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05, operationSeconds: 0.05 },
      ...options,
    });
    const server = await cloud.serve();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-gce-'));
    const site = new GceSite(cloud, server, folder);
    await site.writeKey();
    return site;
  }

  override get environment(): Readonly<Record<string, string>> {
    return { GOOGLE_APPLICATION_CREDENTIALS: this.keyPath };
  }

  /** Of `extensions`: leads a driver that nobody has given another `fetch` to the cloud. */
  get extension(): Fields {
    return { drivers: { gce: { endpoint: this.origin } } };
  }

  /** The file that works, with other fields over it. */
  writeKey(fields: Fields = {}): Promise<void> {
    return writeWhole(this.keyPath, JSON.stringify({ ...this.cloud.login.keyFile, ...fields }));
  }

  /** A provider with one pool; its instances have public IPv4 addresses. */
  provider(options: CloudProviderOptions = {}): Fields {
    return cloudProvider(
      {
        name: PROVIDER,
        provider: {
          driver: 'gce',
          project: PROJECT,
          region: REGION,
          zone: ZONE,
          rate: 10_000,
          'cloud-images': [IMAGE],
        },
        label: () => ({ 'instance-type': 'n1-standard-1' }),
      },
      options,
    );
  }

  protected costs(): Readonly<Record<string, number>> {
    const { instances, disks } = this.cloud.counts;
    return { instances, disks };
  }
}
