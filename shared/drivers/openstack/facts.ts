/**
 * What the cloud has to choose from: flavors, images, networks, zones. Asked for once and kept, until
 * nova refuses a creation as malformed or something is missing: then it may be outdated.
 */
import { CloudError } from '../../base/errors.ts';
import { Kept } from '../../cloud/kept.ts';
import type { Networking } from './client/cloud-config.ts';
import type { Flavor } from './client/compute.ts';
import type { Network } from './client/network.ts';
import { bySize } from './flavors.ts';
import { listed } from '../../cloud/listed.ts';
import { findNetwork, networkRoles, NO_ROLES, type NetworkRoles } from './network-roles.ts';
import type { CloudServices } from './services.ts';

export interface NetworkKnowledge {
  readonly networks: readonly Network[];
  readonly roles: NetworkRoles;
}

export class CloudFacts {
  /** The smallest first. */
  readonly flavors: Kept<readonly Flavor[]>;
  readonly zones: Kept<readonly string[]>;
  readonly networking: Kept<NetworkKnowledge>;
  readonly #services: CloudServices;
  readonly #images = new Map<string, string>();

  constructor(services: CloudServices, networking: Networking) {
    this.#services = services;
    this.flavors = new Kept(async (signal) => bySize(await services.compute.flavors(signal)));
    this.zones = new Kept((signal) => services.compute.zones(signal));
    this.networking = new Kept((signal) => askForNetworks(services, networking, signal));
  }

  /** Forgets everything. */
  drop(): void {
    this.flavors.drop();
    this.zones.drop();
    this.networking.drop();
    this.#images.clear();
  }

  /** The id of the newest active image of that name, or of that id. Undefined: there is none. */
  async imageId(nameOrId: string, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#images.get(nameOrId);
    if (known !== undefined) return known;
    const found = await this.#services.images.find(nameOrId, signal);
    if (found !== undefined) this.#images.set(nameOrId, found.id);
    return found?.id;
  }

  /** Names of the images that there are, for a hint. */
  async imageNames(signal: AbortSignal): Promise<string> {
    const images = await this.#services.images.images(signal);
    return listed(
      images.flatMap(({ name, status }) => (name && status === 'active' ? [name] : [])),
    );
  }

  /** @throws CloudError NP_CLOUD_FATAL, which names what there is. */
  async networkIds(
    wanted: readonly string[],
    label: string,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    // Where nothing is wanted nova decides, unless clouds.yaml knows better.
    const { networks, roles } = await this.networking.get(signal);
    if (wanted.length === 0)
      return roles.defaultInterface === undefined ? [] : [roles.defaultInterface.id];
    return wanted.map((name) => {
      const found = findNetwork(networks, name);
      if (found !== undefined) return found.id;
      this.networking.drop();
      throw new CloudError('NP_CLOUD_FATAL', `label ${label}: there is no network ${name}`, {
        hint: `the cloud has: ${listed(networks.map((one) => one.name))}`,
      });
    });
  }
}

async function askForNetworks(
  { network }: CloudServices,
  networking: Networking,
  signal: AbortSignal,
): Promise<NetworkKnowledge> {
  if (network === undefined) return { networks: [], roles: NO_ROLES };
  const [networks, subnets, gateways] = await Promise.all([
    network.networks(signal),
    network.subnets(signal),
    network.gateways(signal),
  ]);
  const roles = networkRoles({ networks, subnets, gateways }, networking);
  return { networks, roles };
}
