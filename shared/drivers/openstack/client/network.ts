/** Neutron's interface, as far as Nodepool needs it. Facts: docs.openstack.org/api-ref/network/v2. */
import { z } from 'zod';

import { listAll } from './pages.ts';
import { readBody } from './read.ts';
import type { Service } from './service.ts';

const network = z.object({
  id: z.string(),
  name: z.string().default(''),
  'router:external': z.boolean().default(false),
  'provider:physical_network': z.string().nullish(),
});

const subnet = z.object({ network_id: z.string(), gateway_ip: z.string().nullish() });

const router = z.object({
  admin_state_up: z.boolean().default(true),
  external_gateway_info: z.object({ network_id: z.string() }).nullish(),
});

const port = z.object({
  id: z.string(),
  status: z.string().nullish(),
  device_id: z.string().nullish(),
  device_owner: z.string().nullish(),
  network_id: z.string(),
  created_at: z.string().nullish(),
  fixed_ips: z.array(z.object({ ip_address: z.string() })).default([]),
});

const floatingIp = z.object({
  id: z.string(),
  floating_ip_address: z.string(),
  status: z.string().nullish(),
  port_id: z.string().nullish(),
  fixed_ip_address: z.string().nullish(),
  description: z.string().nullish(),
});

const quota = z.object({ limit: z.number(), used: z.number(), reserved: z.number().default(0) });
const quotaDetails = z.object({
  quota: z.object({ port: quota.optional(), floatingip: quota.optional() }),
});

export type Network = z.output<typeof network>;
export type Subnet = z.output<typeof subnet>;
export type Port = z.output<typeof port>;
export type FloatingIp = z.output<typeof floatingIp>;
export type NetworkQuota = z.output<typeof quotaDetails>['quota'];

/** Only what we read: thousands of ports are listed while floating IPs are given out. */
const PORT_FIELDS = [
  'id',
  'status',
  'device_id',
  'device_owner',
  'network_id',
  'created_at',
  'fixed_ips',
];

export interface FloatingIpRequest {
  readonly networkId: string;
  readonly portId: string;
  readonly fixedAddress: string;
  readonly description: string;
}

export class NetworkService {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  networks(signal: AbortSignal): Promise<readonly Network[]> {
    return listAll(this.#service, { path: 'networks', key: 'networks', item: network }, signal);
  }

  subnets(signal: AbortSignal): Promise<readonly Subnet[]> {
    return listAll(this.#service, { path: 'subnets', key: 'subnets', item: subnet }, signal);
  }

  /** The networks to which routers of the project lead. */
  async gateways(signal: AbortSignal): Promise<readonly string[]> {
    const routers = await listAll(
      this.#service,
      { path: 'routers', key: 'routers', item: router },
      signal,
    );
    return routers.flatMap(({ admin_state_up: isUp, external_gateway_info: gateway }) =>
      isUp && gateway ? [gateway.network_id] : [],
    );
  }

  /** `filter`: neutron's, such as `{ status: 'DOWN' }`. */
  ports(filter: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly Port[]> {
    const query = { ...filter, fields: PORT_FIELDS };
    return listAll(this.#service, { path: 'ports', key: 'ports', item: port, query }, signal);
  }

  /** Undefined: there is none. */
  async port(id: string, signal: AbortSignal): Promise<Port | undefined> {
    const path = `ports/${encodeURIComponent(id)}`;
    const { status, body } = await this.#service.call(
      { method: 'GET', path, expect: [404] },
      signal,
    );
    if (status === 404) return undefined;
    return readBody(z.object({ port }), body, 'GET ports/ID').port;
  }

  deletePort(id: string, signal: AbortSignal): Promise<void> {
    return this.#delete(`ports/${encodeURIComponent(id)}`, signal);
  }

  floatingIps(
    filter: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly FloatingIp[]> {
    return listAll(
      this.#service,
      { path: 'floatingips', key: 'floatingips', item: floatingIp, query: filter },
      signal,
    );
  }

  /**
   * A new floating IP bound to the port. Neutron gives a fixed address one at most, so a second
   * creation, after a lost answer, says 409: undefined.
   */
  async createFloatingIp(
    request: FloatingIpRequest,
    signal: AbortSignal,
  ): Promise<FloatingIp | undefined> {
    const { status, body } = await this.#service.call(
      {
        method: 'POST',
        path: 'floatingips',
        json: {
          floatingip: {
            floating_network_id: request.networkId,
            port_id: request.portId,
            fixed_ip_address: request.fixedAddress,
            description: request.description,
          },
        },
        isRepeatable: true,
        isAnswer: isTakenAlready,
      },
      signal,
    );
    if (status === 409) return undefined;
    return readBody(z.object({ floatingip: floatingIp }), body, 'POST floatingips').floatingip;
  }

  deleteFloatingIp(id: string, signal: AbortSignal): Promise<void> {
    return this.#delete(`floatingips/${encodeURIComponent(id)}`, signal);
  }

  /** Limits and use of the project. Undefined: the cloud does not tell us. */
  async quota(projectId: string, signal: AbortSignal): Promise<NetworkQuota | undefined> {
    const path = `quotas/${encodeURIComponent(projectId)}/details.json`;
    const { status, body } = await this.#service.call(
      { method: 'GET', path, expect: [401, 403, 404] },
      signal,
    );
    if (status !== 200) return undefined;
    return readBody(quotaDetails, body, 'GET quotas/ID/details').quota;
  }

  async #delete(path: string, signal: AbortSignal): Promise<void> {
    await this.#service.call({ method: 'DELETE', path, expect: [404] }, signal);
  }
}

const neutronError = z.object({ NeutronError: z.object({ type: z.string() }) });

/** 409 has other reasons, too: a quota that is used up is none of our answers. */
function isTakenAlready(status: number, body: unknown): boolean {
  if (status !== 409) return false;
  const { success, data } = neutronError.safeParse(body);
  return success && data.NeutronError.type === 'FloatingIPPortAlreadyAssociated';
}
