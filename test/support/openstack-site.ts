/**
 * An OpenStack in memory over HTTP, a `clouds.yaml` that leads to it, and launchers with a provider
 * of it.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenStackCloud } from '../../fixtures/openstack-cloud/cloud.ts';
import type { OpenStackCloudOptions } from '../../fixtures/openstack-cloud/ground.ts';
import { PASSWORD, PROJECT, USER } from '../../fixtures/openstack-cloud/identity.ts';
import type { OpenStackCloudServer } from '../../fixtures/openstack-cloud/server.ts';
import { systemClock } from '../../shared/base/clock.ts';
// Imported here, as mocha's loader would give a lazy import error classes of its own.
import { driver } from '../../shared/drivers/openstack/driver.ts';
import {
  CloudSite,
  cloudProvider,
  writeWhole,
  type CloudProviderOptions,
  type Fields,
} from './cloud-site.ts';

export const PROVIDER = 'openstack-one';
/** What hangs is given up after so many seconds; a creation after four times as many. */
const CALL_TIMEOUT = 0.25;

/** A provider with one pool; its servers get floating IPs. */
export function openStackProvider(options: CloudProviderOptions = {}): Fields {
  return cloudProvider(
    {
      name: PROVIDER,
      provider: {
        driver: 'openstack',
        cloud: 'memory',
        rate: 0.0001,
        'port-cleanup-interval': 1,
        'cloud-images': [{ name: 'image' }],
      },
      pool: { networks: ['private'] },
      label: () => ({ 'flavor-name': 'small' }),
    },
    options,
  );
}

export class OpenStackSite extends CloudSite<OpenStackCloud> {
  readonly #authUrl: string;
  readonly #cloudsFile: string;

  private constructor(cloud: OpenStackCloud, server: OpenStackCloudServer, folder: string) {
    super({ cloud, server, folder, drivers: { openstack: driver } });
    this.#authUrl = server.authUrl;
    this.#cloudsFile = join(folder, 'clouds.yaml');
  }

  static async open(options: Partial<OpenStackCloudOptions> = {}): Promise<OpenStackSite> {
    const cloud = new OpenStackCloud({
      clock: systemClock,
      createSeconds: 0.05,
      deleteSeconds: 0.05,
      ...options,
    });
    // Not the one in which all servers fail.
    cloud.compute.zones = cloud.compute.zones.filter(({ fault }) => fault === undefined);
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-openstack-'));
    const site = new OpenStackSite(cloud, await cloud.serve(), folder);
    await site.writeClouds({ memory: site.entry() });
    return site;
  }

  /** Leads to its clouds.yaml. */
  override get environment(): Readonly<Record<string, string>> {
    return { OS_CLIENT_CONFIG_FILE: this.#cloudsFile };
  }

  provider(options: CloudProviderOptions = {}): Fields {
    return openStackProvider(options);
  }

  /** The entry of clouds.yaml that works; `fields` stand beside and over it. */
  entry({ password = PASSWORD, ...fields }: Fields & { readonly password?: string } = {}): Fields {
    const auth = {
      auth_url: this.#authUrl,
      username: USER,
      password,
      project_name: PROJECT,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    };
    return { region_name: 'RegionOne', api_timeout: CALL_TIMEOUT, auth, ...fields };
  }

  writeClouds(clouds: Readonly<Record<string, Fields>>): Promise<void> {
    return writeWhole(this.#cloudsFile, JSON.stringify({ clouds }));
  }

  protected costs(): Readonly<Record<string, number>> {
    const { servers, ports, floatingIps, volumes } = this.cloud.counts;
    return { servers, ports, floatingIps, volumes };
  }
}
