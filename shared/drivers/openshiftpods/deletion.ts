/**
 * The end of a pod:
 *
 *   where is it, and whose? -> delete -> sight until it is gone
 */
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { DeleteTarget } from '../driver.ts';
import type { Cluster } from '../pods/client/cluster.ts';
import { isForbidden } from '../pods/client/errors.ts';
import type { Pod } from '../pods/client/objects.ts';
import { isDeleting, isOwnedBy } from '../pods/ids.ts';
import type { Pods } from '../pods/pods.ts';
import { placesOf, type PodPlace } from './ids.ts';

export interface DeletionsOptions {
  readonly provider: string;
  /** The projects that are used, by the names of pools. */
  readonly projects: readonly string[];
  readonly cluster: Cluster;
  readonly pods: Pods;
  readonly log: Logger;
}

export class Deletions {
  readonly #options: DeletionsOptions;

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  async run({ externalId, nodeId }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { projects, provider, log } = this.#options;
    for (const place of placesOf(externalId, projects)) {
      const pod = await this.#find(place, signal);
      if (pod === undefined) continue;
      if (isOwnedBy(pod, { provider, nodeId })) {
        await this.deletePod(place, pod, signal);
        return;
      }
      // Made by somebody else, whom our launch ran into, or of a project whose name begins alike.
      log.warn('pod not deleted: it is not of this node', { ...place, node: nodeId });
    }
  }

  async deletePod(place: PodPlace, pod: Pod, signal: AbortSignal): Promise<void> {
    const { cluster, pods } = this.#options;
    if (!isDeleting(pod)) await cluster.pods(place.namespace).delete(place.name, signal);
    await pods.untilGone(place, pod, signal);
  }

  /** Undefined also where the project is none of ours. */
  async #find({ namespace, name }: PodPlace, signal: AbortSignal): Promise<Pod | undefined> {
    const { cluster, projects } = this.#options;
    try {
      return await cluster.pods(namespace).get(name, signal);
    } catch (error) {
      if (projects.includes(namespace) || !isForbidden(error)) throw error;
      return undefined;
    }
  }
}
