/** Questions about quota, put to the services: limits, what servers use, what a label needs. */
import type {
  OpenStackLabelOptions,
  OpenStackPoolOptions,
} from '../../../schemas/config/drivers/openstack.ts';
import type { PoolConfig, PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { hasCode } from '../../base/errors.ts';
import { sumQuota } from '../../cloud/quota.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { ListedInstance } from '../driver.ts';
import type { Networking } from './client/cloud-config.ts';
import type { Session } from './client/service.ts';
import type { Volume } from './client/volumes.ts';
import type { CloudFacts } from './facts.ts';
import { chooseFlavor, flavorQuota } from './flavors.ts';
import { expectsFloatingIp } from './floating-ips.ts';
import { limitsFor, serverQuota } from './quota.ts';
import type { ServerList } from './server-list.ts';
import type { CloudServices } from './services.ts';

export interface QuotasOptions {
  readonly session: Session;
  readonly services: CloudServices;
  readonly facts: CloudFacts;
  readonly networking: Networking;
  readonly servers: SharedListing<ServerList>;
  /** Undefined: the cloud has none. */
  readonly volumes: SharedListing<readonly Volume[]> | undefined;
}

export class Quotas {
  readonly #options: QuotasOptions;
  /** The first answer is for the start, when no server of ours comes or goes. */
  #hasAnswered = false;

  constructor(options: QuotasOptions) {
    this.#options = options;
  }

  async limits(signal: AbortSignal): Promise<Quota> {
    const { services, session } = this.#options;
    // A server that goes or comes meanwhile is in one of the two lists; what it takes is no other's.
    const isSplit = services.volumes !== undefined || services.network !== undefined;
    const before = this.#hasAnswered && isSplit ? await this.instances(signal) : [];
    const project = await session.projectId(signal);
    const [compute, volume, network] = await Promise.all([
      services.compute.limits(signal),
      services.volumes?.limits(signal),
      project === undefined ? undefined : services.network?.quota(project, signal),
    ]);
    const limits = { compute, volume, network };
    this.#hasAnswered = true;
    if (volume === undefined && network === undefined) return limitsFor(limits, {});
    const after = await this.instances(signal);
    const all = new Map([...before, ...after].map((one) => [one.externalId, one.resources]));
    return limitsFor(limits, sumQuota([...all.values()]));
  }

  /** All servers of the project, with what each takes. */
  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const { servers, volumes, facts } = this.#options;
    const list = [...(await servers.next(signal)).values()];
    const hasVolumes = list.some((one) => one['os-extended-volumes:volumes_attached'].length > 0);
    const known = hasVolumes ? await volumes?.next(signal) : undefined;
    const byId = new Map(known?.map((volume) => [volume.id, volume]));
    const flavors = await facts.flavors.get(signal);
    return list.map((server) => ({
      externalId: server.id,
      metadata: server.metadata,
      resources: serverQuota(server, flavors, byId),
    }));
  }

  /** What a node of the label takes. */
  async need(label: PoolLabel, pool: PoolConfig | undefined, signal: AbortSignal): Promise<Quota> {
    const { facts, services, networking } = this.#options;
    const options = label.options as OpenStackLabelOptions;
    const { autoFloatingIp } = (pool?.options ?? {}) as Partial<OpenStackPoolOptions>;
    const flavor = await this.#flavor(label, signal);
    const networkIds = await facts.networkIds(options.networks, label.name, signal);
    const knowledge = await facts.networking.get(signal);
    const getsFloatingIp =
      autoFloatingIp === true && expectsFloatingIp(networkIds, knowledge, networking);
    return {
      ...flavorQuota(flavor),
      ...(options.bootFromVolume && { volumes: 1, 'volume-gb': options.volumeSizeGb }),
      ...(services.network && { ports: Math.max(1, networkIds.length) }),
      ...(getsFloatingIp && { 'floating-ips': 1 }),
    };
  }

  /** One that is missing may have come since flavors were listed. */
  async #flavor(label: PoolLabel, signal: AbortSignal): Promise<{ vcpus: number; ram: number }> {
    const { flavors } = this.#options.facts;
    const options = label.options as OpenStackLabelOptions;
    const isFresh = flavors.current === undefined;
    try {
      return chooseFlavor(await flavors.get(signal), label.name, options);
    } catch (error) {
      if (isFresh || !hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      flavors.drop();
      return chooseFlavor(await flavors.get(signal), label.name, options);
    }
  }
}
