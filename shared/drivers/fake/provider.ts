/**
 * The `fake` driver's provider: an OpenStack provider's options over a fake cloud.
 *
 * Nodes get the same values as from Python Nodepool's fake driver. Not done: floating IPs, dynamic
 * instance properties.
 */
import { createHash } from 'node:crypto';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type {
  OpenStackCloudImageOptions,
  OpenStackLabelOptions,
  OpenStackOptions,
} from '../../../schemas/config/drivers/openstack.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { CloudError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type {
  DeleteTarget,
  ImageStore,
  Instance,
  LaunchSpec,
  LeakableResource,
  LeakCollector,
  ListedInstance,
  PlannedSpec,
  Provider,
} from '../driver.ts';
import { findFlavor, hasImage, ZONES } from './catalog.ts';
import { resourcesOf, type Cloud, type Server } from './cloud.ts';

/** Options whose type the config's schema for this driver has checked. */
const labelOptions = (label: PoolLabel) => label.options as OpenStackLabelOptions;

export interface FakeParts {
  readonly cloud: Cloud;
  readonly images: ImageStore;
  /** In [0, 1), another one in each process. */
  readonly salt: number;
}

export class FakeProvider implements Provider {
  readonly leaks: LeakCollector;
  readonly images: ImageStore;
  readonly #config: ProviderConfig;
  readonly #options: OpenStackOptions;
  readonly #cloud: Cloud;
  /** Tells servers of one node from each other that different processes have made. */
  readonly #salt: number;

  constructor(config: ProviderConfig, { cloud, images, salt }: FakeParts) {
    this.#config = config;
    this.#options = config.options as OpenStackOptions;
    this.#cloud = cloud;
    this.#salt = salt;
    this.images = images;
    this.leaks = {
      list: (signal) => this.#listLeakable(signal),
      delete: (resource, signal) => cloud.delete(resource.id, signal),
    };
  }

  async launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const { label } = spec;
    const wanted = {
      id: this.plannedId(spec),
      token: `${spec.nodeId}/${spec.attempt}`,
      name: spec.hostname,
      flavor: findFlavor(labelOptions(label)),
      zone: spec.availabilityZone,
      networks: labelOptions(label).networks,
      metadata: this.#metadataOf(spec),
    };
    const server = await this.#cloud.create(wanted, signal);
    await spec.created(server.id);
    return this.#instanceOf(await this.#cloud.whenActive(server.id, signal), label);
  }

  /** 32 hexadecimal digits, as OpenStack's ids without their dashes. */
  plannedId({ nodeId, attempt }: PlannedSpec): string {
    return createHash('md5').update(`${this.#salt}/${nodeId}/${attempt}`).digest('hex');
  }

  delete(target: DeleteTarget, signal: AbortSignal): Promise<void> {
    const { externalId } = target;
    // No server of ours has another kind of id, so there is nothing that could be there.
    if (typeof externalId !== 'string') return Promise.resolve();
    return this.#cloud.delete(externalId, signal);
  }

  async listInstances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    throwIfAborted(signal);
    return (await this.#cloud.list(signal)).map((server) => ({
      externalId: server.id,
      metadata: server.metadata,
      resources: resourcesOf(server.flavor),
    }));
  }

  async quotaLimits(signal: AbortSignal): Promise<Quota> {
    throwIfAborted(signal);
    return await this.#cloud.limits(signal);
  }

  async quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    await Promise.resolve();
    throwIfAborted(signal);
    return needOf(label);
  }

  availabilityZones(): Promise<readonly string[]> {
    return Promise.resolve(ZONES);
  }

  isLabelReady(label: PoolLabel): boolean {
    if (label.cloudImage === undefined) return false;
    const image = this.#config.cloudImages.get(label.cloudImage);
    if (image === undefined) return false;
    const { imageId, imageName } = image.options as OpenStackCloudImageOptions;
    return imageId !== undefined || hasImage(imageName ?? image.name);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #metadataOf(spec: LaunchSpec): Readonly<Record<string, string>> {
    const { label } = spec;
    const image = label.diskimage ?? label.cloudImage ?? '';
    const properties = Object.entries(labelOptions(label).instanceProperties);
    return {
      groups: [this.#config.name, image, label.name].join(','),
      ...Object.fromEntries(properties.map(([name, value]) => [name, String(value)])),
      ...spec.metadata,
    };
  }

  #instanceOf(server: Server, label: PoolLabel): Instance {
    const { addresses } = server;
    if (addresses === undefined)
      throw new CloudError('NP_CLOUD_TRANSIENT', `server ${server.id} has no address`, {
        labels: ['retryable'],
      });
    return {
      externalId: server.id,
      ...addresses,
      privateIpv6: null,
      cloud: this.#options.cloud,
      region: this.#options.regionName ?? null,
      availabilityZone: server.zone,
      resources: needOf(label),
    };
  }

  async #listLeakable(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    throwIfAborted(signal);
    const servers = await this.#cloud.list(signal);
    return servers.map(({ id, metadata }) => ({ kind: 'instances', id, externalId: id, metadata }));
  }
}

function needOf(label: PoolLabel): Quota {
  const { bootFromVolume, volumeSizeGb } = labelOptions(label);
  return {
    ...resourcesOf(findFlavor(labelOptions(label))),
    ...(bootFromVolume ? { volumes: 1, 'volume-gb': volumeSizeGb } : {}),
  };
}
