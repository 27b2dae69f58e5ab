/**
 * What a launcher needs to work on the real services, and a test to look and to disturb: a tenant with
 * networks and an image, the proxy that all calls of the launcher go through, `clouds.yaml`.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import {
  startHttpProxy,
  type EndedCall,
  type HttpProxy,
} from '../../../fixtures/proxy/http-proxy.ts';
import { seededRandom } from '../../../shared/drivers/fake/faults.ts';
import { serviceNames } from './rest.ts';
import type { OpenStackServices } from './services.ts';
import { Tenant } from './tenant.ts';

/** The entry of clouds.yaml. */
export const CLOUD = 'real';
const REGION = 'RegionOne';
/** The only image of the tenant. */
export const IMAGE = 'tiny';
/** A network with a router to `public`, and one that needs no floating IPs. */
export const PRIVATE = 'private';
const PRIVATE_CIDR = '127.90.0.0/16';
const DIRECT_CIDR = '127.92.0.0/16';

export interface GroundOptions {
  /** Of the proxy's faults with a chance. Default 1. */
  readonly seed?: number;
  /** Told of each call that the launcher made. */
  readonly onCall?: (call: EndedCall) => void;
}

export class Ground {
  readonly services: OpenStackServices;
  readonly tenant: Tenant;
  readonly proxy: HttpProxy;
  /** For files; it goes with the ground. */
  readonly folder: string;
  readonly cloudsPath: string;
  /** The name of the network that needs no floating IPs; seen by all projects, so not the same twice. */
  readonly direct: string;

  private constructor(parts: {
    services: OpenStackServices;
    tenant: Tenant;
    proxy: HttpProxy;
    folder: string;
  }) {
    this.services = parts.services;
    this.tenant = parts.tenant;
    this.proxy = parts.proxy;
    this.folder = parts.folder;
    this.cloudsPath = join(parts.folder, 'clouds.yaml');
    this.direct = `direct-${parts.tenant.name}`;
  }

  static async make(services: OpenStackServices, options: GroundOptions = {}): Promise<Ground> {
    const { seed = 1, onCall } = options;
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-openstack-'));
    removeWithUs(folder);
    const proxy = await startHttpProxy({
      targets: targetsOf(services),
      rewrites: ['identity'],
      random: seededRandom(seed),
      ...(onCall ? { onCall } : {}),
    });
    const tenant = await Tenant.make(services);
    const ground = new Ground({ services, tenant, proxy, folder });
    try {
      await tenant.makeNetwork(PRIVATE, { cidr: PRIVATE_CIDR, isRouted: true });
      await tenant.makeNetwork(ground.direct, { cidr: DIRECT_CIDR, isShared: true });
      await tenant.makeImage(IMAGE);
      await ground.writeClouds();
    } catch (error) {
      await ground.drop();
      throw error;
    }
    return ground;
  }

  /** For the environment of a launcher. */
  get environment(): Record<string, string> {
    return { OS_CLIENT_CONFIG_FILE: this.cloudsPath };
  }

  /** `fields` stand beside and over what the cloud's entry has. */
  async writeClouds(fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const auth = {
      auth_url: `${this.proxy.origins.identity ?? ''}/v3`,
      username: this.tenant.name,
      password: this.tenant.password,
      project_name: this.tenant.name,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    };
    // A tenant does not see that a network is a provider's, so openstacksdk has to be told.
    const networks = [{ name: this.direct, routes_externally: true }];
    const entry = { region_name: REGION, auth, networks, ...fields };
    await writeFile(this.cloudsPath, JSON.stringify({ clouds: { [CLOUD]: entry } }));
  }

  /** Leaves the tenant with one network only. */
  dropDirect(): Promise<void> {
    return this.tenant.dropShared();
  }

  async drop(): Promise<void> {
    this.proxy.faults.clear();
    await this.tenant.drop();
    await this.proxy.close();
    await removeNow(this.folder);
  }
}

/** The services by the names of rest.ts, for a proxy before them. */
export function targetsOf({ admin }: OpenStackServices): Record<string, string> {
  const entries = serviceNames.flatMap((name) => {
    const origin = admin.origin(name);
    return origin === undefined ? [] : [[name, origin] as const];
  });
  return Object.fromEntries(entries);
}
