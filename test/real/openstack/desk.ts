/**
 * Our client and our driver in the test's own process: a tenant without networks, the proxy before the
 * services, and clouds.yaml as a test wants it. For what needs no launcher.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { startHttpProxy, type HttpProxy } from '../../../fixtures/proxy/http-proxy.ts';
import { systemClock, type Clock } from '../../../shared/base/clock.ts';
import { silentLogger, type Logger } from '../../../shared/base/log.ts';
import type { Provider } from '../../../shared/drivers/driver.ts';
import { loadCloud } from '../../../shared/drivers/openstack/client/clouds/load.ts';
import type { Session } from '../../../shared/drivers/openstack/client/service.ts';
import { openSession } from '../../../shared/drivers/openstack/client/session.ts';
import { driver } from '../../../shared/drivers/openstack/driver.ts';
import { providerConfig } from '../../support/provider-config.ts';
import { targetsOf } from './ground.ts';
import type { OpenStackServices } from './services.ts';
import { Tenant } from './tenant.ts';

/** The entry of clouds.yaml. */
const CLOUD = 'desk';
export const REGION = 'RegionOne';
export const PROVIDER = 'desk-cloud';

type Fields = Readonly<Record<string, unknown>>;

export interface Surroundings {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: nothing is logged. */
  readonly log?: Logger;
}

/** Connects the driver in this process, as the builder does. */
export function connectProvider(
  fields: Fields,
  environment: Readonly<Record<string, string>>,
  { clock = systemClock, log = silentLogger }: Surroundings = {},
): Promise<Provider> {
  const section = { name: PROVIDER, driver: 'openstack', rate: 0, ...fields };
  return driver.connect(
    providerConfig(JSON.stringify(section)),
    {
      ...{ clock, log, environment, random: Math.random, extension: undefined },
      ...{ pollSeconds: 0.1, imageCheckSeconds: 300 },
    },
    new AbortController().signal,
  );
}

export class Desk {
  readonly tenant: Tenant;
  readonly proxy: HttpProxy;
  /** For files; it goes with the desk. */
  readonly folder: string;
  readonly #open = new Set<{ close(): Promise<void> }>();

  private constructor(tenant: Tenant, proxy: HttpProxy, folder: string) {
    this.tenant = tenant;
    this.proxy = proxy;
    this.folder = folder;
  }

  static async make(services: OpenStackServices): Promise<Desk> {
    const tenant = await Tenant.make(services);
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-desk-'));
    removeWithUs(folder);
    const targets = targetsOf(services);
    const proxy = await startHttpProxy({ targets, rewrites: ['identity'] });
    return new Desk(tenant, proxy, folder);
  }

  /** Through the proxy. */
  get authUrl(): string {
    return `${this.proxy.origins.identity ?? ''}/v3`;
  }

  /** The tenant's user by its password, as in clouds.yaml. */
  get password(): Fields {
    return {
      auth_url: this.authUrl,
      username: this.tenant.name,
      password: this.tenant.password,
      project_name: this.tenant.name,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    };
  }

  /** A session by an entry of clouds.yaml: by default the tenant's, with `entry` over it. */
  async session(entry: Fields = {}, surroundings: Surroundings = {}): Promise<Session> {
    const { clock = systemClock, log = silentLogger } = surroundings;
    const config = await loadCloud({
      ...{ cloud: CLOUD, regionName: undefined, log },
      environment: await this.#environment(entry),
      homeDirectory: this.folder,
      workingDirectory: this.folder,
    });
    const session = openSession({
      ...{ config, clock, log, random: Math.random, callsPerSecond: Infinity },
    });
    return this.#kept(session);
  }

  /** A provider as the builder gets it; `fields` stand over those of its section. */
  async provider(fields: Fields = {}, surroundings: Surroundings = {}): Promise<Provider> {
    const provider = await connectProvider(
      { cloud: CLOUD, ...fields },
      await this.#environment({}),
      surroundings,
    );
    return this.#kept(provider);
  }

  /** How often keystone was asked for a token since the last `proxy.forget()`. */
  get signIns(): number {
    return this.proxy.counts()['identity POST /auth/tokens'] ?? 0;
  }

  /** Ends the sessions and providers of a test, and its faults. */
  async tidy(): Promise<void> {
    this.proxy.faults.clear();
    this.proxy.forget();
    for (const one of this.#open) await one.close();
    this.#open.clear();
  }

  async drop(): Promise<void> {
    await this.tidy();
    await this.tenant.drop();
    await this.proxy.close();
    await removeNow(this.folder);
  }

  async #environment(entry: Fields): Promise<Record<string, string>> {
    const path = join(this.folder, 'clouds.yaml');
    const whole = { region_name: REGION, auth: this.password, ...entry };
    await writeFile(path, JSON.stringify({ clouds: { [CLOUD]: whole } }));
    return { OS_CLIENT_CONFIG_FILE: path };
  }

  #kept<T extends { close(): Promise<void> }>(one: T): T {
    this.#open.add(one);
    return one;
  }
}
