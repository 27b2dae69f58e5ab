/**
 * One launch, from nova's point of view:
 *
 *   create -> report the id -> listings until it is active and has an address
 *     -> a floating IP, where one is needed -> tags on its volumes
 */
import { isDeepStrictEqual } from 'node:util';

import type {
  OpenStackLabelOptions,
  OpenStackOptions,
  OpenStackPoolOptions,
} from '../../../schemas/config/drivers/openstack.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Instance, LaunchSpec } from '../driver.ts';
import { addressesOf, floatingAddresses, type Addresses } from './addresses.ts';
import type { CloudConfig } from './client/cloud-config.ts';
import { isDeleted, type Server, type ServerRequest } from './client/compute.ts';
import { faultError } from './client/errors.ts';
import type { FloatingIp } from './client/network.ts';
import type { ServerCreations } from './creation.ts';
import type { CloudFacts, NetworkKnowledge } from './facts.ts';
import { needsFloatingIp, type FloatingIps } from './floating-ips.ts';
import { chooseFlavor } from './flavors.ts';
import type { NodeData } from './ids.ts';
import type { LabelImages } from './label-images.ts';
import { serverRequest } from './server-request.ts';
import type { CloudServices } from './services.ts';
import type { ServerList } from './server-list.ts';

export interface LaunchesOptions {
  readonly config: ProviderConfig;
  readonly cloud: CloudConfig;
  readonly clock: Clock;
  readonly hasIpv6: boolean;
  readonly services: CloudServices;
  readonly facts: CloudFacts;
  readonly images: LabelImages;
  readonly creations: ServerCreations;
  readonly servers: SharedListing<ServerList>;
  /** Undefined: the cloud has none. */
  readonly floatingIps: FloatingIps | undefined;
  /** What the node is said to take. */
  readonly needOf: (spec: LaunchSpec, signal: AbortSignal) => Promise<Quota>;
}

/** A server that is active but has no address after so long gets none any more. */
const ADDRESS_MS = 120_000;

export class Launches {
  readonly #options: LaunchesOptions;

  constructor(options: LaunchesOptions) {
    this.#options = options;
  }

  async run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const { facts, needOf } = this.#options;
    const resources = await needOf(spec, signal);
    const id = await this.#create(spec, signal);
    await spec.created(id);
    const knowledge = await facts.networking.get(signal);
    const server = await this.#untilActive(id, knowledge, signal);
    const floatingIp = await this.#floatingIpFor(server, knowledge, spec, signal);
    await this.#tagVolumes(server, spec, signal);
    const addresses = this.#addressesOf(withFloatingIp(server, floatingIp), knowledge);
    return { ...this.#instanceOf(server, addresses, floatingIp), resources };
  }

  /**
   * A flavor or image that was replaced by another of its name is known by its old id: what nova
   * refuses is chosen anew, from new lists, and asked for once more where that makes a difference.
   */
  async #create(spec: LaunchSpec, signal: AbortSignal): Promise<string> {
    const { creations } = this.#options;
    const request = await this.#request(spec, signal);
    try {
      return await creations.create(spec, request, signal);
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      const again = await this.#request(spec, signal);
      if (isDeepStrictEqual(again, request)) throw error;
      return creations.create(spec, again, signal);
    }
  }

  async #request(spec: LaunchSpec, signal: AbortSignal): Promise<ServerRequest> {
    const { facts, images, config } = this.#options;
    const label = spec.label.options as OpenStackLabelOptions;
    const { securityGroups } = spec.pool.options as OpenStackPoolOptions;
    const flavor = chooseFlavor(await facts.flavors.get(signal), spec.label.name, label);
    const image = await images.imageFor(spec, signal);
    const networkIds = await facts.networkIds(label.networks, spec.label.name, signal);
    return serverRequest({
      spec,
      provider: config.name,
      ...image,
      flavorId: flavor.id,
      networkIds,
      securityGroups,
    });
  }

  /** Resolves with the server when it is active and has an address. */
  #untilActive(id: string, knowledge: NetworkKnowledge, signal: AbortSignal): Promise<Server> {
    const { servers, services, clock } = this.#options;
    let activeSinceMs: number | undefined;
    return servers.until(async (list) => {
      // A listing may lag behind, so only the cloud's own word on it says that a server is gone.
      const server = list.get(id) ?? (await services.compute.server(id, signal));
      if (server === undefined || isDeleted(server))
        throw new CloudError('NP_CLOUD_TRANSIENT', `server ${id} was deleted by somebody else`, {
          labels: ['retryable'],
        });
      if (server.status === 'ERROR') throw faultError(id, server.fault);
      if (server.status !== 'ACTIVE') return undefined;
      if (this.#canBeReached(server, knowledge)) return server;
      activeSinceMs ??= clock.monotonic();
      if (clock.monotonic() - activeSinceMs < ADDRESS_MS) return undefined;
      throw new CloudError('NP_CLOUD_TRANSIENT', `server ${id} is active but has no address`, {
        labels: ['retryable'],
        hint: 'check networks of the label, and the roles of networks in clouds.yaml',
      });
    }, signal);
  }

  /** Whether it has an address to connect to, or one that a floating IP can be bound to. */
  #canBeReached(server: Server, knowledge: NetworkKnowledge): boolean {
    const addresses = this.#addressesOf(server, knowledge);
    if (addresses.interfaceIp !== undefined || addresses.privateV4 !== undefined) return true;
    return needsFloatingIp(server, addresses, this.#options.cloud.networking, knowledge.roles);
  }

  async #floatingIpFor(
    server: Server,
    knowledge: NetworkKnowledge,
    spec: LaunchSpec,
    signal: AbortSignal,
  ): Promise<FloatingIp | undefined> {
    const { floatingIps, cloud } = this.#options;
    const { autoFloatingIp } = spec.pool.options as OpenStackPoolOptions;
    if (!autoFloatingIp || floatingIps === undefined) return undefined;
    const { roles } = knowledge;
    const addresses = this.#addressesOf(server, knowledge);
    if (!needsFloatingIp(server, addresses, cloud.networking, roles)) return undefined;
    return floatingIps.give(server.id, roles, spec.metadata, signal);
  }

  /** A volume that is left behind by nova is found by its tags. */
  async #tagVolumes(server: Server, spec: LaunchSpec, signal: AbortSignal): Promise<void> {
    const { volumes } = this.#options.services;
    const { bootFromVolume } = spec.label.options as OpenStackLabelOptions;
    if (!bootFromVolume || volumes === undefined) return;
    for (const { id } of server['os-extended-volumes:volumes_attached'])
      await volumes.tag(id, spec.metadata, signal);
  }

  #addressesOf(server: Server, { roles }: NetworkKnowledge): Addresses {
    const { cloud, hasIpv6 } = this.#options;
    return addressesOf(server, { networking: cloud.networking, roles, hasIpv6 });
  }

  #instanceOf(
    server: Server,
    { publicV4, privateV4, publicV6, interfaceIp }: Addresses,
    floatingIp: FloatingIp | undefined,
  ): Instance {
    const { cloud, config } = this.#options;
    const { regionName } = config.options as OpenStackOptions;
    const nodeData: NodeData | undefined =
      floatingIp === undefined && floatingAddresses(server).length > 0
        ? undefined
        : { floating_ip: floatingIp?.id ?? null };
    return {
      externalId: server.id,
      // What is missing is an empty text, as openstacksdk and so the original have it.
      interfaceIp: interfaceIp ?? privateV4 ?? '',
      publicIpv4: publicV4 ?? '',
      privateIpv4: privateV4 ?? publicV4 ?? '',
      publicIpv6: publicV6 ?? '',
      privateIpv6: null,
      hostId: server.hostId ?? null,
      cloud: cloud.name,
      region: regionName ?? null,
      availabilityZone: server['OS-EXT-AZ:availability_zone'] ?? null,
      driverData: nodeData,
    };
  }
}

/** The server as nova is going to show it: it learns of floating IPs later. */
function withFloatingIp(server: Server, floatingIp: FloatingIp | undefined): Server {
  if (floatingIp === undefined) return server;
  const addr = floatingIp.floating_ip_address;
  const addresses: NonNullable<Server['addresses']> = {};
  for (const [network, all] of Object.entries(server.addresses ?? {})) {
    const fixed = all.find((one) => one.addr === floatingIp.fixed_ip_address);
    const floating = fixed ? [{ ...fixed, addr, 'OS-EXT-IPS:type': 'floating' }] : [];
    addresses[network] = [...all, ...floating];
  }
  return { ...server, addresses };
}
