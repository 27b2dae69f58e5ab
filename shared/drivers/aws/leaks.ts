/**
 * What can outlive its node in AWS (instances, dedicated hosts, volumes), or the upload of its image
 * (imports that run, AMIs, snapshots, objects, and what was sent of objects).
 *
 * What another thing uses is no leak of its own: it goes with that, or is found once that is gone.
 */
import type { Volume } from '@aws-sdk/client-ec2';

import type { AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { hasLabel, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { LeakableResource, LeakCollector } from '../driver.ts';
import type { AwsServices } from './client/services.ts';
import type { Deletions } from './deletion.ts';
import { externalIdOf } from './ids.ts';
import { keyPrefix } from './image-names.ts';
import { ImportTags, untaggedOf } from './import-tags.ts';
import type { HostList, InstanceList } from './instance-list.ts';
import {
  leftHosts,
  leftImports,
  leftInstances,
  leftMultiparts,
  leftVolumes,
  readMultipart,
} from './left-things.ts';
import { ObjectTags } from './object-tags.ts';

export interface LeaksOptions {
  readonly config: ProviderConfig;
  readonly services: Pick<AwsServices, 'compute' | 'images' | 'storage'>;
  readonly deletions: Pick<Deletions, 'run'>;
  readonly instances: SharedListing<InstanceList>;
  readonly hosts: SharedListing<HostList>;
  readonly volumes: SharedListing<readonly Volume[]>;
  readonly log: Logger;
}

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;
  readonly #bucket: string | undefined;
  readonly #importTags: ImportTags;
  readonly #objectTags: ObjectTags | undefined;
  /** Kinds that we may not see. */
  readonly #hidden = new Set<string>();

  constructor(options: LeaksOptions) {
    this.#options = options;
    const { config, services, log } = options;
    const provider = config.name;
    const { bucketName: bucket } = config.options as AwsOptions;
    this.#bucket = bucket;
    this.#importTags = new ImportTags({ images: services.images, provider, log });
    this.#objectTags =
      bucket === undefined
        ? undefined
        : new ObjectTags({ storage: services.storage, bucket, provider });
  }

  /** What uses others comes before them. */
  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { instances, hosts, volumes } = this.#options;
    const kinds = await Promise.all([
      this.#seen('instances', signal, async () => leftInstances(await instances.next(signal))),
      this.#seen('hosts', signal, async () => leftHosts(await hosts.next(signal))),
      this.#seen('volumes', signal, async () => leftVolumes(await volumes.next(signal))),
      this.#seen('amis', signal, () => this.#imports(signal)),
      this.#seen('objects', signal, () => this.#objects(signal)),
      this.#seen('multiparts', signal, () => this.#multiparts(signal)),
    ]);
    return kinds.flat();
  }

  async delete({ kind, id, metadata }: LeakableResource, signal: AbortSignal): Promise<void> {
    const { services, deletions } = this.#options;
    const { compute, images, storage } = services;
    const { nodepool_node_id: nodeId = '' } = metadata;
    const bucket = this.#bucket ?? '';
    switch (kind) {
      case 'instances':
      case 'hosts': {
        const externalId = externalIdOf(kind === 'hosts' ? { host: id } : { instance: id });
        return deletions.run({ externalId, nodeId, driverData: null }, signal);
      }
      case 'volumes':
        return compute.deleteVolume(id, signal);
      case 'import-tasks':
        return images.cancelImport(id, signal);
      case 'amis':
        return images.deregister(id, signal);
      case 'snapshots':
        return images.deleteSnapshot(id, signal);
      case 'objects':
        return storage.delete(bucket, id, signal);
      case 'multiparts': {
        const { key, uploadId } = readMultipart(id);
        return storage.abortMultipart(bucket, key, uploadId, signal);
      }
    }
  }

  /** Imports that run, and images and snapshots, whether imported or not. */
  async #imports(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { images } = this.#options.services;
    const [amis, snapshots] = await Promise.all([images.own(signal), images.snapshots(signal)]);
    const untagged = untaggedOf(amis, snapshots);
    // Imports need a bucket.
    const isNeeded = this.#bucket !== undefined || this.#importTags.isCurious(untagged);
    const tasks = isNeeded ? await this.#importTags.tasks(signal) : [];
    const due = isNeeded
      ? await this.#importTags.settle(untagged, tasks, signal)
      : new Map<string, never>();
    return leftImports({ tasks, amis, snapshots, due });
  }

  async #objects(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    if (this.#bucket === undefined || this.#objectTags === undefined) return [];
    const objects = await this.#options.services.storage.objects(this.#bucket, '', signal);
    const tags = await this.#objectTags.of(objects, signal);
    return Array.from(tags, ([id, metadata]) => ({ kind: 'objects', id, metadata }));
  }

  /** What was sent of objects that never came to be. Has no tags: the key tells. */
  async #multiparts(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    if (this.#bucket === undefined) return [];
    const prefix = keyPrefix(this.#options.config.name);
    const { storage } = this.#options.services;
    return leftMultiparts(await storage.multiparts(this.#bucket, prefix, signal));
  }

  /** Who may not see one kind finds the others nevertheless. */
  async #seen(
    kind: string,
    signal: AbortSignal,
    look: () => Promise<readonly LeakableResource[]>,
  ): Promise<readonly LeakableResource[]> {
    try {
      const found = await look();
      this.#hidden.delete(kind);
      return found;
    } catch (error) {
      throwIfAborted(signal);
      if (hasLabel(error, 'retryable')) throw error;
      if (!this.#hidden.has(kind))
        this.#options.log.warn('leaks of this kind cannot be looked for', {
          kind,
          error: messageOf(error),
        });
      this.#hidden.add(kind);
      return [];
    }
  }
}
