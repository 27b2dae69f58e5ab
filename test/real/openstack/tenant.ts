/**
 * A project of its own in a real OpenStack, with one user: its quotas, its networks, all that is in it.
 * Tests keep apart by it, and whatever they leave goes with it.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { eventually } from '../../support/eventually.ts';
import { Rest } from './rest.ts';
import type { OpenStackServices } from './services.ts';

export interface Resource {
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
  readonly [field: string]: unknown;
}

/** All that a driver may make; ports only of servers and of nobody. */
export interface Resources {
  readonly servers: readonly Resource[];
  readonly ports: readonly Resource[];
  readonly floatingIps: readonly Resource[];
  readonly volumes: readonly Resource[];
}

export interface Quotas {
  readonly compute?: Readonly<Record<string, number>>;
  readonly network?: Readonly<Record<string, number>>;
  readonly volume?: Readonly<Record<string, number>>;
}

export interface NetworkOptions {
  readonly cidr: string;
  /** Has a router to the network `public`, so that floating IPs work. Default false. */
  readonly isRouted?: boolean;
  /** The admin's, seen by all projects; as a provider network that needs no floating IPs. */
  readonly isShared?: boolean;
}

/** Waiting for nova on two busy cores. */
export const PATIENCE_MS = 180_000;
const POLL_MS = 500;
/** Nothing of it is in the way of a test that does not ask for less. */
const AMPLE: Quotas = {
  compute: { instances: 200, cores: 400, ram: 819_200 },
  network: { port: 500, floatingip: 200, network: 20, subnet: 20, router: 5 },
  volume: { volumes: 200, gigabytes: 10_000 },
};

export class Tenant {
  /** Of the project and of its user. */
  readonly name: string;
  readonly password: string;
  readonly #services: OpenStackServices;
  readonly #sharedNetworks: string[] = [];
  #user: Rest;

  private constructor(services: OpenStackServices, name: string, password: string, user: Rest) {
    this.#services = services;
    this.name = name;
    this.password = password;
    this.#user = user;
  }

  static async make(services: OpenStackServices): Promise<Tenant> {
    const { admin, authUrl } = services;
    const name = `nodepool-${randomBytes(4).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    const { project } = (await admin.call('identity', 'POST', '/projects', {
      project: { name, domain_id: 'default' },
    })) as { project: Resource };
    const { user } = (await admin.call('identity', 'POST', '/users', {
      user: { name, password, domain_id: 'default', default_project_id: project.id },
    })) as { user: Resource };
    const { roles } = (await admin.get('identity', '/roles?name=member')) as { roles: Resource[] };
    const role = roles[0]?.id ?? '';
    await admin.call('identity', 'PUT', `/projects/${project.id}/users/${user.id}/roles/${role}`);
    const account = { authUrl, user: name, password, project: name };
    const tenant = new Tenant(services, name, password, await Rest.signIn(account));
    await tenant.setQuotas(AMPLE);
    return tenant;
  }

  /** The tenant's own calls; a new token after `revokeTokens`. */
  get rest(): Rest {
    return this.#user;
  }

  async setQuotas({ compute, network, volume }: Quotas): Promise<void> {
    const { admin } = this.#services;
    const sets = `/os-quota-sets/${this.#user.projectId}`;
    if (compute) await admin.call('compute', 'PUT', sets, { quota_set: compute });
    if (volume) await admin.call('volume', 'PUT', sets, { quota_set: volume });
    if (network)
      await admin.call('network', 'PUT', `/quotas/${this.#user.projectId}`, { quota: network });
  }

  /** Quotas as they were in the beginning. */
  async setAmpleQuotas(): Promise<void> {
    await this.setQuotas(AMPLE);
  }

  /** Answers the network's id. */
  async makeNetwork(name: string, options: NetworkOptions): Promise<string> {
    const { cidr, isRouted = false, isShared = false } = options;
    const owner = isShared ? this.#services.admin : this.#user;
    const { network } = (await owner.call('network', 'POST', '/networks', {
      network: { name, shared: isShared || undefined },
    })) as { network: Resource };
    if (isShared) this.#sharedNetworks.push(network.id);
    const subnet = await this.#makeSubnet(owner, network.id, cidr);
    if (isRouted) await this.#makeRouter(name, subnet);
    return network.id;
  }

  /** Adds addresses to a network; of IPv6 they are the routers' prefix and an interface's own part. */
  async addSubnet(network: string, cidr: string): Promise<void> {
    await this.#makeSubnet(this.#user, network, cidr);
  }

  /** A tiny image that the project owns; answers its id. */
  async makeImage(name: string): Promise<string> {
    const image = (await this.#user.call('image', 'POST', '/images', {
      ...{ name, disk_format: 'raw', container_format: 'bare', visibility: 'private' },
    })) as Resource;
    await this.#user.call('image', 'PUT', `/images/${image.id}/file`, Buffer.alloc(1024));
    return image.id;
  }

  async resources(): Promise<Resources> {
    const [servers, ports, floatingIps, volumes] = await Promise.all([
      this.#list('compute', '/servers/detail', 'servers'),
      this.#list('network', '/ports', 'ports'),
      this.#list('network', '/floatingips', 'floatingips'),
      this.#list('volume', '/volumes/detail', 'volumes'),
    ]);
    const isOfServers = ({ device_owner: owner }: Resource): boolean =>
      owner === '' || String(owner).startsWith('compute:');
    return { servers, ports: ports.filter(isOfServers), floatingIps, volumes };
  }

  /** Until all servers are up and all volumes made. */
  async untilActive(): Promise<void> {
    await eventually(
      async () => {
        const { servers, volumes } = await this.resources();
        for (const { status } of servers) assert.equal(status, 'ACTIVE');
        for (const { status } of volumes) assert.match(String(status), /^(available|in-use)$/);
      },
      PATIENCE_MS,
      POLL_MS,
    );
  }

  /** How many there are of each kind. */
  async census(): Promise<Record<keyof Resources, number>> {
    const { servers, ports, floatingIps, volumes } = await this.resources();
    return {
      servers: servers.length,
      ports: ports.length,
      floatingIps: floatingIps.length,
      volumes: volumes.length,
    };
  }

  /** All tokens of the user are void from now on, as after a change of the password. */
  async revokeTokens(): Promise<void> {
    const { admin, authUrl } = this.#services;
    const user = `/users/${this.#user.userId}`;
    for (const password of [`${this.password}-other`, this.password])
      await admin.call('identity', 'PATCH', user, { user: { password } });
    const account = { authUrl, user: this.name, password: this.password, project: this.name };
    // Keystone counts in seconds: a token of the same second is void, too.
    await eventually(
      async () => {
        this.#user = await Rest.signIn(account);
        await this.#user.get('compute', '/limits');
      },
      PATIENCE_MS,
      POLL_MS,
    );
  }

  /** Deletes all servers, ports, floating IPs and volumes, and waits until they are gone. */
  async wipe(): Promise<void> {
    const { servers } = await this.resources();
    for (const { id } of servers) await this.#user.remove('compute', `/servers/${id}`);
    await eventually(
      async () => {
        assert.deepEqual((await this.resources()).servers, [], 'servers');
      },
      PATIENCE_MS,
      POLL_MS,
    );
    const { ports, floatingIps, volumes } = await this.resources();
    for (const { id } of floatingIps) await this.#user.remove('network', `/floatingips/${id}`);
    for (const { id } of ports) await this.#user.remove('network', `/ports/${id}`);
    for (const { id } of volumes) await this.#user.remove('volume', `/volumes/${id}`);
    const none = { servers: 0, ports: 0, floatingIps: 0, volumes: 0 };
    await eventually(
      async () => {
        assert.deepEqual(await this.census(), none);
      },
      PATIENCE_MS,
      POLL_MS,
    );
  }

  /** Deletes everything, the project and the user with it. */
  async drop(): Promise<void> {
    await this.wipe();
    for (const { id, owner } of await this.#list('image', '/images', 'images'))
      if (owner === this.#user.projectId) await this.#user.remove('image', `/images/${id}`);
    await this.#dropNetworks();
    const { admin } = this.#services;
    await admin.remove('identity', `/users/${this.#user.userId}`);
    await admin.remove('identity', `/projects/${this.#user.projectId}`);
  }

  async #makeSubnet(owner: Rest, network: string, cidr: string): Promise<string> {
    const isIpv6 = cidr.includes(':');
    // Neutron refuses a loopback subnet with DHCP.
    const { subnet } = (await owner.call('network', 'POST', '/subnets', {
      subnet: {
        ...{ network_id: network, ip_version: isIpv6 ? 6 : 4, cidr, enable_dhcp: false },
      },
    })) as { subnet: Resource };
    return subnet.id;
  }

  async #makeRouter(name: string, subnet: string): Promise<void> {
    const found = await this.#list('network', '/networks?name=public', 'networks');
    const gateway = { network_id: found[0]?.id };
    const { router } = (await this.#user.call('network', 'POST', '/routers', {
      router: { name, external_gateway_info: gateway },
    })) as { router: Resource };
    const path = `/routers/${router.id}/add_router_interface`;
    await this.#user.call('network', 'PUT', path, { subnet_id: subnet });
  }

  async #dropNetworks(): Promise<void> {
    const own = (one: Resource): boolean => one.project_id === this.#user.projectId;
    for (const { id } of (await this.#list('network', '/routers', 'routers')).filter(own)) {
      const ports = await this.#list('network', `/ports?device_id=${id}`, 'ports');
      for (const port of ports)
        await this.#user.call('network', 'PUT', `/routers/${id}/remove_router_interface`, {
          port_id: port.id,
        });
      await this.#user.remove('network', `/routers/${id}`);
    }
    for (const { id } of (await this.#list('network', '/networks', 'networks')).filter(own))
      await this.#user.remove('network', `/networks/${id}`);
    await this.dropShared();
  }

  /** Deletes the networks that it has made for all projects. */
  async dropShared(): Promise<void> {
    for (const id of this.#sharedNetworks.splice(0))
      await this.#services.admin.remove('network', `/networks/${id}`);
  }

  /** One page is enough: a project of a test has less than a thousand of anything. */
  async #list(
    service: 'compute' | 'network' | 'image' | 'volume',
    path: string,
    key: string,
  ): Promise<readonly Resource[]> {
    const answer = (await this.#user.get(service, path)) as Record<string, Resource[] | undefined>;
    return answer[key] ?? [];
  }
}
