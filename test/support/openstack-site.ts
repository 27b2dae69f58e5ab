/**
 * An OpenStack in memory over HTTP, a `clouds.yaml` that leads to it, and launchers with a provider
 * of it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenStackCloud } from '../../fixtures/openstack-cloud/cloud.ts';
import type { OpenStackCloudOptions } from '../../fixtures/openstack-cloud/ground.ts';
import { PASSWORD, PROJECT, USER } from '../../fixtures/openstack-cloud/identity.ts';
import type { OpenStackCloudServer } from '../../fixtures/openstack-cloud/server.ts';
import { systemClock } from '../../shared/base/clock.ts';
// Imported here, as mocha's loader would give a lazy import error classes of its own.
import { driver } from '../../shared/drivers/openstack/driver.ts';
import { eventually } from './eventually.ts';
import { config, play, type Scene } from './launcher-scene.ts';

export const PROVIDER = 'openstack-one';
/** What hangs is given up after so many seconds; a creation after four times as many. */
const CALL_TIMEOUT = 0.25;

type Fields = Readonly<Record<string, unknown>>;

export interface OpenStackProviderOptions {
  readonly name?: string;
  /** Options by label. Default: `small`, with nothing special. */
  readonly labels?: Readonly<Record<string, Fields>>;
  readonly provider?: Fields;
  readonly pool?: Fields;
}

/** A provider with one pool; its servers get floating IPs. */
export function openStackProvider(options: OpenStackProviderOptions = {}): Fields {
  const { name = PROVIDER, labels = { small: {} }, provider, pool } = options;
  const entries = Object.entries(labels).map(([label, fields]) => ({
    name: label,
    'cloud-image': 'image',
    'flavor-name': 'small',
    ...fields,
  }));
  return {
    name,
    driver: 'openstack',
    cloud: 'memory',
    rate: 0.0001,
    'launch-retries': 1,
    'port-cleanup-interval': 1,
    'cloud-images': [{ name: 'image' }],
    ...provider,
    pools: [
      {
        name: 'main',
        'max-servers': 5,
        networks: ['private'],
        'host-key-checking': false,
        ...pool,
        labels: entries,
      },
    ],
  };
}

export interface PlayOptions {
  /** Default: one of `openStackProvider`. */
  readonly providers?: readonly Fields[];
  /** Seconds, beside short ones for all that a node's life waits for. */
  readonly intervals?: Readonly<Record<string, number>>;
}

export class OpenStackSite {
  readonly cloud: OpenStackCloud;
  readonly #server: OpenStackCloudServer;
  readonly #folder: string;

  private constructor(cloud: OpenStackCloud, server: OpenStackCloudServer, folder: string) {
    this.cloud = cloud;
    this.#server = server;
    this.#folder = folder;
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
  get environment(): Record<string, string> {
    return { OS_CLIENT_CONFIG_FILE: this.#cloudsFile };
  }

  /** The entry of clouds.yaml that works; `fields` stand beside and over it. */
  entry({ password = PASSWORD, ...fields }: Fields & { readonly password?: string } = {}): Fields {
    const auth = {
      auth_url: this.#server.authUrl,
      username: USER,
      password,
      project_name: PROJECT,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    };
    return { region_name: 'RegionOne', api_timeout: CALL_TIMEOUT, auth, ...fields };
  }

  /** As an operator does, whole at once. */
  async writeClouds(clouds: Readonly<Record<string, Fields>>): Promise<void> {
    await writeFile(`${this.#cloudsFile}.new`, JSON.stringify({ clouds }));
    await rename(`${this.#cloudsFile}.new`, this.#cloudsFile);
  }

  /** Runs a test's steps on a scene with a launcher before the cloud. */
  play(steps: (scene: Scene) => Promise<void>, options: PlayOptions = {}): Promise<void> {
    const { providers = [openStackProvider()], intervals = {} } = options;
    const short = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'image-check': 0.2 };
    return play(
      config({ providers, extra: { extensions: { intervals: { ...short, ...intervals } } } }),
      steps,
      {
        environment: this.environment,
        drivers: { openstack: driver },
      },
    );
  }

  /** Until nothing that costs is left in the cloud. */
  untilEmpty(): Promise<void> {
    return eventually(() => {
      const { servers, ports, floatingIps, volumes } = this.cloud.counts;
      const left = { servers, ports, floatingIps, volumes };
      assert.deepEqual(left, { servers: 0, ports: 0, floatingIps: 0, volumes: 0 });
    });
  }

  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #cloudsFile(): string {
    return join(this.#folder, 'clouds.yaml');
  }
}
