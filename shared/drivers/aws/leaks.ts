/**
 * What can outlive its node in AWS (instances, dedicated hosts, volumes), or the upload of its image
 * (imports that run, AMIs, snapshots, objects, and what was sent of objects).
 *
 * What another thing uses is no leak of its own: it goes with that, or is found once that is gone.
 */
import type { Volume } from '@aws-sdk/client-ec2';

import type { AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { hasCode, hasLabel, messageOf } from '../../base/errors.ts';
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

/** Kinds that Python Nodepool does not know. */
const OURS_ALONE: ReadonlySet<string> = new Set(['import-tasks', 'multiparts']);

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;
  readonly #bucket: string | undefined;
  readonly #importTags: ImportTags;
  readonly #objectTags: ObjectTags | undefined;
  /** Kinds that we may not see. */
  readonly #hidden = new Set<string>();
  /** Kinds that we may see and not delete. */
  readonly #forbidden = new Set<string>();

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
        : new ObjectTags({ storage: services.storage, bucket, provider, log });
  }

  /** What uses others comes before them. */
  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { instances, hosts, volumes } = this.#options;
    const kinds = await Promise.all([
      this.#seen('instances', signal, async () => leftInstances(await instances.next(signal))),
      this.#seen('hosts', signal, async () => leftHosts(await hosts.next(signal))),
      this.#seen('volumes', signal, async () => leftVolumes(await volumes.next(signal))),
      this.#imports(signal),
      this.#seen('objects', signal, () => this.#objects(signal)),
      this.#seen('multiparts', signal, () => this.#multiparts(signal)),
    ]);
    return kinds.flat().filter(({ kind }) => !this.#forbidden.has(kind));
  }

  async delete(resource: LeakableResource, signal: AbortSignal): Promise<void> {
    try {
      await this.#delete(resource, signal);
    } catch (error) {
      throwIfAborted(signal);
      // Python Nodepool deletes none of these, and so may an account that was made for it.
      if (OURS_ALONE.has(resource.kind) && hasCode(error, 'NP_CLOUD_FATAL'))
        this.#forbidden.add(resource.kind);
      throw error;
    }
  }

  async #delete({ kind, id, metadata }: LeakableResource, signal: AbortSignal): Promise<void> {
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
    const [amis, snapshots] = await Promise.all([
      this.#seen('amis', signal, () => images.own(signal)),
      this.#seen('snapshots', signal, () => images.snapshots(signal)),
    ]);
    const untagged = untaggedOf(amis, snapshots);
    // Imports need a bucket.
    const isNeeded = this.#bucket !== undefined || this.#importTags.isCurious(untagged);
    const look = () => this.#importTags.tasks(signal);
    const tasks = isNeeded ? await this.#seen('import-tasks', signal, look) : [];
    const due =
      isNeeded && !this.#hidden.has('import-tasks')
        ? await this.#importTags.settle(untagged, tasks, signal)
        : new Map<string, never>();
    // Nobody knows which snapshots are used by images that must not be seen.
    return leftImports({ tasks, amis, snapshots: this.#hidden.has('amis') ? [] : snapshots, due });
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
  async #seen<T>(
    kind: string,
    signal: AbortSignal,
    look: () => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
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
