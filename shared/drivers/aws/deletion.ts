/**
 * The end of an instance and of its host:
 *
 *   terminate (many with one call) -> listings until none shows it -> release the host
 *     -> listings until none shows that
 *
 * Volumes go with their instance: AWS was told so when it was made.
 */
import type { Instance } from '@aws-sdk/client-ec2';

import { hasLabel } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { Batches } from '../../cloud/batches.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget } from '../driver.ts';
import type { Compute } from './client/compute.ts';
import { tagRecord } from './client/tags.ts';
import { readIds } from './ids.ts';
import type { HostList, InstanceList } from './instance-list.ts';

export interface DeletionsOptions {
  readonly compute: Compute;
  readonly instances: SharedListing<InstanceList>;
  readonly hosts: SharedListing<HostList>;
}

/** AWS takes a thousand with one call, and recommends fewer. */
const MOST_AT_ONCE = 50;

/** A host that AWS does not release so often is for the launcher's retries, which are minutes apart. */
const MOST_RELEASES = 5;

export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #terminations: Batches<void>;

  constructor(options: DeletionsOptions) {
    this.#options = options;
    const { compute } = options;
    this.#terminations = new Batches({
      most: MOST_AT_ONCE,
      call: (ids, signal) => compute.terminate(ids, signal),
      // One that is protected against it spoils the call for all.
      isOfOne: (error) => !hasLabel(error, 'retryable'),
    });
  }

  async run({ externalId, nodeId }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { instance, host } = readIds(externalId) ?? {};
    if (instance !== undefined) await this.#end(instance, signal);
    if (host !== undefined) await this.#release(host, nodeId, signal);
  }

  /** Begins the end of an instance. */
  terminate(id: string, signal: AbortSignal): Promise<void> {
    return this.#terminations.run(id, signal);
  }

  close(): void {
    this.#terminations.close();
  }

  async #end(id: string, signal: AbortSignal): Promise<void> {
    await this.terminate(id, signal);
    await this.#options.instances.until((list) => !list.has(id) || undefined, signal);
  }

  /**
   * AWS releases no host that has an instance. There may be one that nobody was told of: a launch was
   * broken off while it was being made.
   */
  async #release(id: string, nodeId: string, signal: AbortSignal): Promise<void> {
    const { compute, hosts } = this.#options;
    for (let releases = 1; ; releases++) {
      try {
        await compute.releaseHosts([id], signal);
        break;
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'retryable') || releases >= MOST_RELEASES) throw error;
        await this.#clear(id, nodeId, signal);
      }
    }
    await hosts.until((list) => !list.has(id) || undefined, signal);
  }

  /** Ends the node's instances on the host. */
  async #clear(hostId: string, nodeId: string, signal: AbortSignal): Promise<void> {
    const list = await this.#options.instances.next(signal);
    for (const { InstanceId, ...instance } of list.values())
      if (InstanceId !== undefined && isOn(instance, hostId, nodeId))
        await this.#end(InstanceId, signal);
  }
}

function isOn({ Placement, Tags }: Instance, hostId: string, nodeId: string): boolean {
  return Placement?.HostId === hostId && tagRecord(Tags).nodepool_node_id === nodeId;
}
