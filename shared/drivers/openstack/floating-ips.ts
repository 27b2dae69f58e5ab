/**
 * Floating IPs: which servers need one, on which of their ports, and who owns one.
 *
 * Facts: openstacksdk, openstack/cloud/_network_common.py. Unlike there, all launches share one
 * listing of ports, the address is taken from neutron's answer (nova shows it later), and the
 * description tells whose the address is.
 */
import { isIPv4 } from 'node:net';

import { CloudError } from '../../base/errors.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import { floatingAddresses, type Addresses } from './addresses.ts';
import type { Networking } from './client/cloud-config.ts';
import type { Server } from './client/compute.ts';
import type { FloatingIp, NetworkService, Port } from './client/network.ts';
import { newestFirst } from './client/newest-first.ts';
import type { NetworkKnowledge } from './facts.ts';
import { describe } from './ids.ts';
import type { NetworkRoles } from './network-roles.ts';

export interface FloatingIpsOptions {
  readonly network: NetworkService;
  readonly ports: SharedListing<readonly Port[]>;
  readonly floatingIps: SharedListing<readonly FloatingIp[]>;
}

/** Whether the cloud has any for us. Pure. */
export function hasFloatingIps(networking: Networking, roles: NetworkRoles): boolean {
  return networking.floatingIpSource === 'neutron' && roles.floatingSources.length > 0;
}

/** Whether a server that is up is to get one, if its pool has `auto-floating-ip`. Pure. */
export function needsFloatingIp(
  server: Pick<Server, 'addresses'>,
  addresses: Addresses,
  networking: Networking,
  roles: NetworkRoles,
): boolean {
  if (!hasFloatingIps(networking, roles) || networking.private) return false;
  if (addresses.publicV4 !== undefined || floatingAddresses(server).length > 0) return false;
  const all = Object.values(server.addresses ?? {}).flat();
  return all.some(({ version }) => version === 4);
}

/** Whether servers on these networks (none: what nova chooses) are going to need one. Pure. */
export function expectsFloatingIp(
  networkIds: readonly string[],
  { networks, roles }: NetworkKnowledge,
  networking: Networking,
): boolean {
  if (!hasFloatingIps(networking, roles) || networking.private) return false;
  const names = networks.filter(({ id }) => networkIds.includes(id)).map(({ name }) => name);
  return !names.some((name) => roles.externalV4.includes(name));
}

export class FloatingIps {
  readonly #options: FloatingIpsOptions;

  constructor(options: FloatingIpsOptions) {
    this.#options = options;
  }

  /** Gives a server a floating IP, or finds the one that it has got already. */
  async give(
    serverId: string,
    roles: NetworkRoles,
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<FloatingIp> {
    const { network, ports } = this.#options;
    const own = await ports.until((all) => {
      const found = all.filter((port) => port.device_id === serverId);
      return found.length > 0 ? found : undefined;
    }, signal);
    const { port, address } = choosePort(serverId, own, roles);
    const [networkId = ''] = roles.floatingSources;
    const made = await network.createFloatingIp(
      { networkId, portId: port.id, fixedAddress: address, description: describe(metadata) },
      signal,
    );
    if (made !== undefined) return made;
    const [found] = await network.floatingIps({ port_id: port.id }, signal);
    if (found !== undefined) return found;
    throw new CloudError('NP_CLOUD_TRANSIENT', `server ${serverId}: its floating IP is gone`, {
      labels: ['retryable'],
    });
  }

  /** Those of a server, found without knowing their ids. */
  async ofServer(serverId: string, signal: AbortSignal): Promise<readonly FloatingIp[]> {
    const { ports, floatingIps } = this.#options;
    const [allPorts, all] = await Promise.all([ports.next(signal), floatingIps.next(signal)]);
    const own = new Set(allPorts.filter((port) => port.device_id === serverId).map(({ id }) => id));
    return all.filter(({ port_id: port }) => port !== null && port !== undefined && own.has(port));
  }

  release(id: string, signal: AbortSignal): Promise<void> {
    return this.#options.network.deleteFloatingIp(id, signal);
  }
}

/** The port and its address that a floating IP is bound to. Pure. */
export function choosePort(
  serverId: string,
  ports: readonly Port[],
  roles: NetworkRoles,
): { readonly port: Port; readonly address: string } {
  const fitting =
    ports.length === 1 ? ports : ports.filter((one) => one.network_id === roles.natDestination);
  for (const port of newestFirst(fitting)) {
    const address = port.fixed_ips.map((one) => one.ip_address).find((ip) => isIPv4(ip));
    if (address !== undefined) return { port, address };
  }
  throw new CloudError(
    'NP_CLOUD_FATAL',
    `server ${serverId}: none of its ${ports.length} ports can have a floating IP`,
    { hint: 'set nat_destination for one of the networks in clouds.yaml' },
  );
}
